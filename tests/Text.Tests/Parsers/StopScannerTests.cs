using System.Text;
using Causerie.Text.Parsers;

namespace Causerie.Text.Tests.Parsers;

public sealed class StopScannerTests
{
    [Theory]
    [InlineData("Hello END world", "Hello ", "END", "END")]
    [InlineData("nothing here", "nothing here", null, "END")]
    [InlineData("ENENEND", "ENEN", "END", "END")]
    [InlineData("", "", null, "END")]
    [InlineData("END", "", "END", "END")]
    [InlineData("almost EN", "almost EN", null, "END")]
    [InlineData("abcd", "a", "bc", "abcd", "bc")]
    [InlineData("xabc", "x", "abc", "c", "bc", "abc")]
    [InlineData("aab", "a", "ab", "ab", "aaa")]
    [InlineData("line\n\nnext", "line", "\n\n", "\n\n", "\n\n\n")]
    [InlineData("é😀ß😁!", "é😀ß", "😁", "😁")]
    [InlineData("any text", "any text", null)]
    public void Text_ends_before_the_stop_wherever_it_is_cut(string text, string expected, string? found, params string[] stops)
    {
        for (int size = 1; size <= Math.Max(1, text.Length); size++)
        {
            var (output, scanner) = Run(text, size, stops);
            Assert.Equal(expected, output);
            Assert.Equal(found, scanner.Found);
            Assert.Equal(found is not null, scanner.Stopped);
        }
    }

    [Fact]
    public void No_more_is_held_back_than_may_become_a_stop()
    {
        var scanner = new StopScanner(["</end>"]);
        Assert.Equal("abc", scanner.Push("abc</"));
        Assert.Equal("", scanner.Push("e"));
        Assert.Equal("</ex", scanner.Push("x"));
        Assert.Equal("<", scanner.Push("<<"));
        Assert.Equal("<", scanner.Flush());
        Assert.Equal("", scanner.Flush());
    }

    [Fact]
    public void Nothing_comes_after_a_stop()
    {
        var scanner = new StopScanner(["."]);
        Assert.Equal("a", scanner.Push("a.b"));
        Assert.Equal("", scanner.Push("c"));
        Assert.Equal("", scanner.Flush());
    }

    [Fact]
    public void An_empty_stop_is_refused() => Assert.Throws<ArgumentException>(() => new StopScanner(["a", ""]));

    [Fact]
    public void Random_texts_and_stops_agree_with_searching_the_whole_text()
    {
        uint state = 1;
        for (int round = 0; round < 2000; round++)
        {
            string text = Letters(40);
            string[] stops = [.. Enumerable.Range(0, 1 + (int)(Next() % 4)).Select(_ => Letters(5)).Where(s => s != "")];
            // The one that ends first; of those, the longest.
            var hit = stops.Select(stop => (Stop: stop, End: text.IndexOf(stop, StringComparison.Ordinal) + stop.Length))
                .Where(hit => text.Contains(hit.Stop, StringComparison.Ordinal))
                .OrderBy(hit => hit.End).ThenByDescending(hit => hit.Stop.Length).FirstOrDefault();
            var (output, scanner) = Run(text, 1 + (int)(Next() % 6), stops);
            Assert.Equal(hit.Stop, scanner.Found);
            Assert.Equal(hit.Stop is null ? text : text[..(hit.End - hit.Stop.Length)], output);
        }

        string Letters(int most) => new([.. Enumerable.Range(0, (int)(Next() % (uint)(most + 1))).Select(_ => "abc"[(int)(Next() % 3)])]);

        uint Next() => (state = (state * 1664525) + 1013904223) >> 8;
    }

    [Fact]
    public void Time_is_linear_in_the_text()
    {
        // A stop of 4,000 letters against 1,000,000 of the same: 4·10⁹ comparisons if each place were tried anew.
        var scanner = new StopScanner([new string('a', 4000) + "b"]);
        int length = 0;
        for (int i = 0; i < 1_000_000; i += 10)
            length += scanner.Push("aaaaaaaaaa").Length;
        Assert.Equal(1_000_000 - 4000, length);
        Assert.Equal(4000, scanner.Flush().Length);
    }

    private static (string Output, StopScanner Scanner) Run(string text, int size, string[] stops)
    {
        var scanner = new StopScanner(stops);
        var output = new StringBuilder();
        for (int i = 0; i < text.Length; i += size)
            output.Append(scanner.Push(text.AsSpan(i, Math.Min(size, text.Length - i))));
        output.Append(scanner.Flush());
        return (output.ToString(), scanner);
    }
}
