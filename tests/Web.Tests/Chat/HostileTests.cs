using System.Text;
using Causerie.Web.Chat;
using Causerie.Web.State;

namespace Causerie.Tests;

public class HostileTests
{
    public static TheoryData<string> Payloads => new(Hostile.Payloads.Select(p => Convert.ToBase64String(Encoding.Unicode.GetBytes(p))));

    [Theory]
    [MemberData(nameof(Payloads), DisableDiscoveryEnumeration = true)]
    public void A_payload_is_harmless_wherever_it_stands(string payload)
    {
        string text = Encoding.Unicode.GetString(Convert.FromBase64String(payload));
        foreach (string around in (string[])[
            "{0}", "say {0} and", "> {0}", "- {0}", "# {0}", "*{0}*", "**{0}", "[{0}](https://a.example)",
            "![{0}](https://a.example/x.png)", "[x]({0})", "[x](<{0}>)", "<{0}>", "| {0} |\n|---|\n| {0} |", "```{0}\nx\n```",
            "```\n{0}\n```", "`{0}`", "    {0}", "[x][r]\n\n[r]: {0}", "[x]: https://a.example '{0}'\n\n[x]", "<think>{0}</think>{0}"])
        {
            string whole = around.Replace("{0}", text, StringComparison.Ordinal);
            var words = Visitor.Languages[whole.Length % 2];
            Hostile.AssertHarmless(string.Concat(Answer.Blocks(whole, true, words).Select(b => b.Html)));
        }
    }

    [Fact]
    public void So_are_mutations_of_all_of_them()
    {
        string[] glue =
        [
            "<", ">", "\"", "'", "`", "```", "[", "](", ")", "![", "\\", "\n", "\n\n", "\t", "    ", "> ", "- ", "| ", "|--|\n", "*", "**",
            "~~", "&", "&#", ";", ":", "//", "#", "javascript:", "https://a.example", "<!--", "-->", "\0", "\u2028", "</", "on", "=", "{", "}",
            "<think>", "</think>", "\ud83d", "é",
        ];
        ulong state = 20260314;
        for (int i = 0; i < 6000; i++)
        {
            var text = new StringBuilder();
            for (int pieces = 1 + Next(5); pieces > 0; pieces--)
            {
                string payload = Hostile.Payloads[Next(Hostile.Payloads.Count)];
                int from = Next(payload.Length);
                text.Append(Next(3) == 0 ? payload : payload[from..(from + Next(payload.Length - from + 1))]);
                for (int g = Next(3); g > 0; g--)
                    text.Insert(Next(text.Length + 1), glue[Next(glue.Length)]);
            }

            Hostile.AssertHarmless(string.Concat(Answer.Blocks(text.ToString(), i % 2 == 0, Visitor.Languages[0]).Select(b => b.Html)));
        }

        int Next(int below)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            return (int)((state >> 33) % (ulong)below);
        }
    }

    [Fact]
    public void No_other_file_makes_markup()
    {
        string? root = Directory.GetParent(AppContext.BaseDirectory)?.FullName;
        while (root is not null && !File.Exists(Path.Combine(root, "Causerie.slnx")))
            root = Directory.GetParent(root)?.FullName;
        Assert.SkipWhen(root is null, "The sources are not above the tests.");
        var makers = Directory.EnumerateFiles(Path.Combine(root!, "src", "Web"), "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f) is var code && (code.Contains("new SafeHtml(", StringComparison.Ordinal)
                || code.Contains("MarkupString", StringComparison.Ordinal) || code.Contains("AddMarkupContent", StringComparison.Ordinal)))
            .Select(Path.GetFileName);
        Assert.Equal(["Markdown.cs"], makers);
    }
}
