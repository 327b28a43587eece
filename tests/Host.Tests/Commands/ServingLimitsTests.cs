using Causerie.Host.Commands;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

/// <summary>Sizes, times and keys as people write them, and what is refused.</summary>
public sealed class ServingLimitsTests
{
    [Theory]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("512MB", 512_000_000)]
    [InlineData("512 mb", 512_000_000)]
    [InlineData("1.5GiB", 1_610_612_736)]
    [InlineData("0.5k", 500)]
    [InlineData("4G", 4_000_000_000)]
    [InlineData("1B", 1)]
    [InlineData("9EB", 9_000_000_000_000_000_000)]
    public void A_size_is_read(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("GB")]
    [InlineData("-2GB")]
    [InlineData("0GB")]
    [InlineData("0.1B")]
    [InlineData("2GBs")]
    [InlineData("2XB")]
    [InlineData("2iB")]
    [InlineData("1/2GB")]
    [InlineData("1.2.3GB")]
    [InlineData("1e3GB")]
    [InlineData("NaNGB")]
    [InlineData("10EB")]
    [InlineData("99999999999999999999999999999999999999GB")]
    public void Nonsense_is_no_size(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1.5h", 5400)]
    [InlineData("24d", 2_073_600)]
    [InlineData("never", null)]
    [InlineData("0", null)]
    public void A_time_is_read(string text, int? seconds)
    {
        Assert.True(Duration.TryParse(text, out var read));
        Assert.Equal(seconds, (int?)read?.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("0.1s")]
    [InlineData("25d")]
    [InlineData("10 years")]
    [InlineData("1e9h")]
    public void Nonsense_is_no_time(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("--kv-memory", "2")]
    [InlineData("--kv-memory", "99999EB")]
    [InlineData("--memory", "-1GB")]
    [InlineData("--parallel", "0")]
    [InlineData("--parallel", "1025")]
    [InlineData("--parallel", "99999999999")]
    [InlineData("--queue", "-1")]
    [InlineData("--unload-after", "soon")]
    public async Task A_senseless_limit_is_a_usage_error_that_names_it(string option, string value)
    {
        string error = (await CommandRun.Of("serve", option, value)).Fail(ExitCode.Usage);
        Assert.Contains(option, error, StringComparison.Ordinal);
        Assert.Contains(value, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_holds_several_keys_and_comments()
    {
        using var folder = new ScratchFolder();
        string file = folder.Write("keys", "# ours\n\nalice-1\t# Alice\n  bob#2  \nalice-1\n#carol\n");
        Assert.Equal(["alice-1", "bob#2"], KeyRing.Find(file, _ => "other"));
        var keys = new KeyRing(KeyRing.Find(file, _ => null));
        Assert.NotNull(keys.Holder("alice-1"));
        Assert.NotNull(keys.Holder("bob#2"));
        Assert.Null(keys.Holder("#carol"));
        Assert.Null(keys.Holder(""));
        var now = DateTimeOffset.UnixEpoch;
        string ticket = keys.Holder("bob#2")!.Ticket(now.AddDays(1));
        Assert.Same(keys.Holder("bob#2"), keys.HolderOf(ticket, now));
        Assert.Null(new KeyRing(["alice-1"]).HolderOf(ticket, now));
    }

    [Theory]
    [InlineData("alice: 1\n", "line 1")]
    [InlineData("good\nwith spaces\n", "line 2")]
    [InlineData("# nothing\n\n", "no API key")]
    public void A_file_without_good_keys_is_refused_and_the_key_is_not_said(string text, string said)
    {
        using var folder = new ScratchFolder();
        string file = folder.Write("keys", text);
        var refused = Assert.Throws<ServerException>(() => KeyRing.Find(file, _ => null));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with spaces", refused.Message, StringComparison.Ordinal);
    }
}
