using System.CommandLine;
using System.Text;
using Causerie.Host.Commands;
using Causerie.Host.Commands.Loading;

namespace Causerie.Host.Tests.Commands;

/// <summary>Where arranged weights are kept: the command line, then the environment, then the data folder.</summary>
public sealed class WeightsOptionTests
{
    [Theory]
    [InlineData("", "CAUSERIE_HOME=/home", "/home/weights")]
    [InlineData("--data /data", "CAUSERIE_HOME=/home", "/data/weights")]
    [InlineData("", "CAUSERIE_HOME=/home CAUSERIE_CACHE=/fast", "/fast")]
    [InlineData("--data /data", "CAUSERIE_CACHE=/fast", "/fast")]
    [InlineData("--weights-cache /mine", "CAUSERIE_CACHE=/fast", "/mine")]
    [InlineData("--weights-cache off", "CAUSERIE_CACHE=/fast", null)]
    [InlineData("", "CAUSERIE_CACHE=off", null)]
    [InlineData("", "CAUSERIE_HOME=/home CAUSERIE_CACHE=", "/home/weights")]
    public void The_nearest_word_counts(string line, string variables, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The paths are POSIX.");
        var (folder, error) = Read(line, variables);
        Assert.Equal(expected, folder);
        Assert.Empty(error);
    }

    [Fact]
    public void Without_a_place_none_are_kept_and_it_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The platform's usual place is another.");
        var (folder, error) = Read("", "");
        Assert.Null(folder);
        Assert.Contains("not kept for the next start: HOME is not set", error);
    }

    private static (string? Folder, string Error) Read(string line, string variables)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        using var error = new MemoryStream();
        using var terminal = new Terminal(Stream.Null, Stream.Null, error) { Variable = set.GetValueOrDefault };
        var option = new WeightsOption();
        var data = new DataOption();
        var command = new RootCommand { option, data };
        string? folder = option.Folder(command.Parse(line), data, terminal);
        return (folder, Encoding.UTF8.GetString(error.ToArray()));
    }
}
