using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causerie.Tests;
using Causerie.Text.Tokenizers.PreTokenizers;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>Each scanner against the regular expressions that it stands for, run by the framework's engine.</summary>
public sealed class SplitterTests
{
    private const string Contraction = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Lead = @"[^\r\n\p{L}\p{N}]?";
    private const string White = @"\s*[\r\n]+|\s+(?!\S)|\s+";

    // The models' own patterns, where the peer's are rewritten for an engine that lacks the categories.
    private static readonly string O200k =
        $@"{Lead}{Upper}*{Lower}+{Contraction}|{Lead}{Upper}+{Lower}*{Contraction}|" +
        $@"\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{White}";

    private static readonly Dictionary<string, string[]> Own = new()
    {
        ["DEFAULT"] =
        [
            @"[\p{P}\$\+<=>\^~\|]+", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            @"\p{N}+", "[0-9][0-9][0-9]",
        ],
        ["GPT4O"] = [O200k],
        ["MINIMAX_M2"] = [O200k],
        ["GRANITE_EMB_MULTI"] = [O200k],
        ["TEKKEN"] = [O200k.Replace(Contraction, "").Replace("{1,3}", "")],
        ["KIMI_K2"] =
        [
            @"[一-鿿㐀-䶿\uF900-\uFAFF]+|" + O200k.Replace("[\\r\\n/]*", "[\\r\\n]*")
                .Replace(Upper, Upper[..^1] + @"-[一-鿿㐀-䶿\uF900-\uFAFF]]")
                .Replace(Lower, Lower[..^1] + @"-[一-鿿㐀-䶿\uF900-\uFAFF]]"),
        ],
    };

    private static readonly string[] Alphabet =
    [
        "a", "b", "Z", "é", "É", "ı", "ǅ", "ʰ", "日", "龥", "の", "カ", "한", "ㄅ", "เ", "ა", "\u0301", "\u0903", "1", "2",
        "3", "٣", "²", "Ⅷ", " ", " ", " ", "\t", "\n", "\r", "\u00A0", "\u3000", "\u2028", "'",
        "'s", "'S", "'re", "'LL", "'d",
        "!", "/", "_", "-", ".", ",", "(", "…", "。", "،", "“", "|", "~", "`", "$", "+", "<", "^", "€", "\u200B", "\0",
        "\uE000", "\uFFFD", "\u0378", "<sentinel:12>", "IMGIMGABZ", "    ", "         ", "12345",
        "hello", "World", "HTTPServer",
    ];

    public static TheoryData<string> Names => [.. PreTokenizerNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Cuts_where_the_pattern_cuts(string name)
    {
        Regex[] patterns = Patterns(name);
        var splitters = PreTokenizerNames.Find(name).Splitters;
        uint state = 12345;
        for (int round = 0; round < 200; round++)
        {
            var text = new StringBuilder();
            for (int i = Next(30) + 1; i > 0; i--)
                text.Append(Alphabet[Next(Alphabet.Length)]);
            if (round % 50 == 0)
                text.Append(' ', 1100).Append('x');
            string given = text.ToString();
            Assert.Equal(ByPattern(given, patterns), ByScanner(given, splitters));
        }

        int Next(int below)
        {
            state = state * 1664525 + 1013904223;
            return (int)((state >> 8) % (uint)below);
        }
    }

    [Theory]
    [InlineData("llama-bpe", "𝔘𝔫𝔦 𝟘𝟙𝟚𝟛", "𝔘𝔫𝔦| |𝟘𝟙𝟚|𝟛")]
    [InlineData("gpt-4o", "𝔘𝔫𝔦Ab 👍🏽x", "𝔘𝔫𝔦|Ab| 👍🏽|x")]
    [InlineData("gpt-2", "a 𝔘 𝟘 👍", "a| 𝔘| 𝟘| 👍")]
    [InlineData("kimi-k2", "ab𠀀𠀁c", "ab|𠀀𠀁|c")]
    [InlineData("deepseek-llm", "x 𐐀𐐁!", "x| 𐐀𐐁|!")]
    public void Characters_beyond_the_basic_plane_count_as_what_they_are(string name, string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), ByScanner(text, PreTokenizerNames.Find(name).Splitters));

    [Fact]
    public void An_unpaired_surrogate_counts_as_the_replacement_character()
    {
        string[] pieces = ["ab", "\uD800!", "cd"];
        Assert.Equal(pieces, ByScanner(string.Concat(pieces), PreTokenizerNames.Find("gpt-2").Splitters));
    }

    [Fact]
    public void Every_name_of_the_peer_is_known()
    {
        var names = Facts()["names"]!.AsObject().Select(name => name.Key).Order(StringComparer.Ordinal);
        Assert.Equal(names, PreTokenizerNames.All);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_those_known()
    {
        var refused = Assert.Throws<NotSupportedException>(() => PreTokenizerNames.Find("gpt-99"));
        Assert.Contains("'gpt-99'", refused.Message, StringComparison.Ordinal);
        Assert.All(PreTokenizerNames.All, name => Assert.Contains(name, refused.Message, StringComparison.Ordinal));
    }

    private static JsonNode Facts() =>
        JsonNode.Parse(File.ReadAllText(ConformanceData.Require("tokenizers/pre-tokenizers.json")))!;

    private static Regex[] Patterns(string name)
    {
        var facts = Facts();
        string type = (string)facts["names"]![name]!["type"]!;
        string[] patterns = type == "YOUTU" || type == "TINY_AYA"
            ? [(string)facts["regexes"]![type]![0]!, type == "YOUTU" ? O200k.Replace("{1,3}", "") : O200k]
            : Own.TryGetValue(type, out var own)
                ? own
                : [.. facts["regexes"]![type]!.AsArray().Select(pattern => (string)pattern!)];
        return [.. patterns.Select(pattern => new Regex(pattern switch
        {
            @"\s+$" => @"\s+\z",
            @"\p{AFMoE_digits}" => @"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))",
            // What the model means by a word; and compatibility ideographs, which lost their form in the facts' text.
            @"\d{1,3}(?=(?:\d{3})*\b)" => @"\d{1,3}(?=(?:\d{3})*(?![\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}]))",
            // The framework's engine sees surrogates; the fuzzed text has none.
            _ => Regex.Replace(pattern, @"[\uD800-\uDFFF]{2}-[\uD800-\uDFFF]{2}", "")
                .Replace("\u8C48-\uFAFF", "\uF900-\uFAFF", StringComparison.Ordinal),
        }, RegexOptions.CultureInvariant))];
    }

    private static List<string> ByPattern(string text, Regex[] patterns)
    {
        var pieces = new List<string> { text };
        foreach (var pattern in patterns)
        {
            var cut = new List<string>();
            foreach (string piece in pieces)
            {
                int start = 0;
                foreach (Match match in pattern.Matches(Seen(piece, pattern)))
                {
                    Cut(match.Index);
                    Cut(match.Index + match.Length);
                }
                Cut(piece.Length);

                void Cut(int end)
                {
                    if (end > start)
                        cut.Add(piece[start..end]);
                    start = end;
                }
            }
            pieces = cut;
        }
        return pieces;
    }

    // To patterns without categories white space beyond ASCII is a vertical tab.
    private static string Seen(string text, Regex pattern) =>
        pattern.ToString().Contains(@"\p{", StringComparison.Ordinal)
            ? text
            : string.Concat(text.Select(unit => unit > '\x7F' && char.IsWhiteSpace(unit) ? '\v' : unit));

    internal static List<string> ByScanner(string text, Splitter[] splitters)
    {
        var pieces = new List<string>();
        Split(text, 0);
        return pieces;

        void Split(ReadOnlySpan<char> part, int pass)
        {
            if (pass == splitters.Length)
            {
                pieces.Add(part.ToString());
                return;
            }
            for (int start = 0; start < part.Length;)
            {
                int end = splitters[pass].Next(part, start);
                Split(part[start..end], pass + 1);
                start = end;
            }
        }
    }
}
