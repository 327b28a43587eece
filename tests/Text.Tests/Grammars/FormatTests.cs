using System.Text;
using System.Text.Json.Nodes;
using Causerie.Tests;
using Causerie.Text.Grammars;

namespace Causerie.Text.Tests.Grammars;

/// <summary>Grammars in each notation take the texts that others say they take, and no others.</summary>
public sealed class FormatTests
{
    [Fact]
    public void GBNF_and_schemas_take_what_a_peer_takes()
    {
        string file = Path.Combine(ConformanceData.Require("grammar"), "llamacpp-grammar-integration.json");
        int right = 0;
        var wrong = new List<string>();
        foreach (var one in JsonNode.Parse(File.ReadAllText(file))!.AsArray().Select(node => node!))
        {
            if ((string)one["kind"]! == "gbnf_invalid")
            {
                Assert.Throws<GrammarException>(() => GrammarFormat.Read("gbnf", (string)one["grammar"]!));
                continue;
            }
            bool gbnf = (string)one["kind"]! == "gbnf";
            if (gbnf && ((string)one["grammar"]!).Contains("<[", StringComparison.Ordinal))
            {
                Assert.Contains("by its number", Assert.Throws<GrammarException>(() => GrammarFormat.Read("gbnf", (string)one["grammar"]!)).Message, StringComparison.Ordinal);
                continue;
            }
            string source = gbnf ? (string)one["grammar"]! : one["schema"]!.ToJsonString();
            foreach (bool pass in (bool[])[true, false])
            {
                foreach (string text in one[pass ? "pass" : "fail"]!.AsArray().Select(node => (string)node!))
                {
                    if (!gbnf && Disputed(one, text))
                        continue;
                    var grammar = GrammarFormat.Read(gbnf ? "gbnf" : "json_schema", source);
                    if (Takes(grammar, text) == pass)
                        right++;
                    else
                        wrong.Add($"{(string?)one["name"]}: {text}");
                }
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right > 200);
    }

    // The peer fixes the order of members, refuses spaces and long numbers, and takes what a validator does not.
    private static bool Disputed(JsonNode one, string text)
    {
        bool theirs = one["pass"]!.AsArray().Any(node => (string)node! == text);
        JsonNode? value;
        try
        {
            value = JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
        bool noted = (one["semantic_notes"]?.AsArray() ?? []).Any(note => (string?)note!["string"] == text);
        return noted || (!theirs && value is JsonObject or JsonArray) || (theirs && text.Contains("  ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("json.gbnf", """{"a": [1, "é\n", true], "b": {}}""", """{"a": }""")]
    [InlineData("arithmetic.gbnf", "a+1*(3)=2\n", "a=+\n")]
    [InlineData("chess.gbnf", "1. e4 e5\n2. Nf3 Nc6\n", "1. e9 e5\n")]
    [InlineData("list.gbnf", "- one\n- two\n", "one\n")]
    [InlineData("japanese.gbnf", "こんにちは 世界", "hello")]
    [InlineData("english.gbnf", "hello world.", "héllo")]
    [InlineData("json_arr.gbnf", "[\n 1,\n 2]", "{}")]
    public void Grammars_that_people_use(string file, string good, string bad)
    {
        string source = File.ReadAllText(Path.Combine(ConformanceData.Require("grammar"), "gbnf", file));
        Assert.True(Takes(GrammarFormat.Read("gbnf", source), good));
        Assert.False(Takes(GrammarFormat.Read("gbnf", source), bad));
    }

    [Theory]
    [InlineData("root ::= \"a\"{2,3} [x-z]+", "aaxyz", true)]
    [InlineData("root ::= \"a\"{2,3} [x-z]+", "axyz", false)]
    [InlineData("root ::= \"a\"{2,3} [x-z]+", "aaaax", false)]
    [InlineData("root ::= [^\\n\"]* \"\\x41\" \"\\u00e9\"", "..Aé", true)]
    [InlineData("root ::= a | b # note\na ::= \"(\" a? \")\"\nb ::= \"\"", "((()))", true)]
    [InlineData("root ::= a | b\na ::= \"(\" a? \")\"\nb ::= \"\"", "(()", false)]
    [InlineData("root ::= (\"a\" | \"b\"\n | \"c\"){0,2} .", "ab😀", true)]
    public void Texts_of_GBNF(string source, string text, bool taken) =>
        Assert.Equal(taken, Takes(GrammarFormat.Read("gbnf", source), text));

    [Theory]
    [InlineData("gbnf", "", "no rule 'root'")]
    [InlineData("gbnf", "a ::= \"x\"", "no rule 'root'")]
    [InlineData("gbnf", "root ::= a", "nowhere written")]
    [InlineData("gbnf", "root ::= \"a", "'\"' is missing")]
    [InlineData("gbnf", "root ::= [a", "']' is missing")]
    [InlineData("gbnf", "root ::= [z-a]", "wrong way round")]
    [InlineData("gbnf", "root ::= (\"a\"", "')' is missing")]
    [InlineData("gbnf", "root = \"a\"", "'::=' is missing")]
    [InlineData("gbnf", "root ::= \"a\"{3,1}", "malformed")]
    [InlineData("gbnf", "root ::= \"a\"{9999}", "2000 repetitions")]
    [InlineData("gbnf", "root ::= \"a\"\nroot ::= \"b\"", "written twice")]
    [InlineData("gbnf", "root ::= \"\\q\"", "means nothing")]
    [InlineData("gbnf", "root ::= \"\\ud800\"", "hexadecimal digits of a code point")]
    [InlineData("gbnf", "root ::= root \"a\" | \"b\"", "begins with itself")]
    [InlineData("gbnf", "root ::= a\na ::= b \"x\"\nb ::= c?  a\nc ::= \"z\"", "begins with itself")]
    [InlineData("gbnf", "root ::= <[5]>", "by its number")]
    [InlineData("gbnf", "root ::= (((\"a\"{1000}){1000}){1000})", "200,000 places")]
    [InlineData("gbnf", "root ::= \"a\"*********", "too many repetitions")]
    [InlineData("regex", "(a", "")]
    [InlineData("regex", "(?=a)b", "look-around")]
    [InlineData("regex", "[^\\s\\S]", "matches no text")]
    [InlineData("choice", "[]", "1 to 10,000 texts")]
    [InlineData("choice", "[\"\"]", "must not be empty")]
    [InlineData("choice", "[1]", "array of strings")]
    [InlineData("choice", "{", "array of strings")]
    [InlineData("ebnf", "start = \"a\"", "choice, gbnf, json_schema, lark, regex")]
    public void What_is_malformed_is_refused_by_name(string kind, string source, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<GrammarException>(() => GrammarFormat.Read(kind, source)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_groups_are_refused() => Assert.Throws<GrammarException>(
        () => GrammarFormat.Read("gbnf", "root ::= " + new string('(', 100_000) + "\"a\""));

    [Theory]
    [InlineData("regex", "[a-z]{2,3}é?", "abé", "a")]
    [InlineData("regex", "\\d{4}-\\d\\d|never", "never", "never 1")]
    [InlineData("choice", """["yes","no","né"]""", "né", "n")]
    public void Expressions_and_choices(string kind, string source, string good, string bad)
    {
        Assert.True(Takes(GrammarFormat.Read(kind, source), good));
        Assert.False(Takes(GrammarFormat.Read(kind, source), bad));
    }

    [Fact]
    public void Every_code_point_is_decoded_and_nothing_else()
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 61)
        {
            if (!Rune.IsValid(code))
                continue;
            int length = new Rune(code).EncodeToUtf8(bytes);
            var at = Utf8Decoder.Between;
            for (int i = 0; i < length; i++)
            {
                at = at.Step(bytes[i], out int low, out int high)!.Value;
                Assert.InRange(code, low, high);
                Assert.Equal(i == length - 1, at == Utf8Decoder.Between);
            }
        }
        foreach (string wrong in (string[])["80", "C080", "C1BF", "E08080", "EDA080", "F08080", "F4908080", "F5", "FF", "E28228", "C3"])
        {
            Utf8Decoder? at = Utf8Decoder.Between;
            foreach (byte next in Convert.FromHexString(wrong))
                at = at?.Step(next, out _, out _);
            Assert.False(at == Utf8Decoder.Between, wrong);
        }
    }

    [Fact]
    public void Mutated_grammars_are_read_or_refused()
    {
        var random = new Random(7);
        string[] seeds =
        [
            "root ::= (expr \"=\" ws term \"\\n\")+\nexpr ::= term ([-+*/] term)*\nterm ::= [a-z]{1,3} | \"(\" ws expr \")\" ws\nws ::= [ \\t\\n]*",
            "root ::= object\nobject ::= \"{\" (pair (\",\" pair)*)? \"}\"\npair ::= \"\\\"\" [^\"\\\\\\x7F]* \"\\\"\" \":\" object | .{2,}",
        ];
        for (int i = 0; i < 3000; i++)
        {
            var text = new StringBuilder(seeds[i % 2]);
            for (int times = random.Next(1, 5); times > 0; times--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text[at] = "()[]{}|\"*+?,.:=\\-^ \n#ax9<!"[random.Next(26)];
                else
                    text.Remove(at, Math.Min(random.Next(1, 5), text.Length - at));
            }
            try
            {
                var state = GrammarFormat.Read("gbnf", text.ToString()).Start;
                for (int steps = 0; steps < 20 && state is not null; steps++)
                    state = state.Step((byte)random.Next(32, 127));
            }
            catch (GrammarException)
            {
                // refused by name
            }
        }
    }

    internal static bool Takes(Grammar grammar, string text)
    {
        GrammarState? state = grammar.Start;
        foreach (byte next in Encoding.UTF8.GetBytes(text))
            state = state?.Step(next);
        return state?.CanEnd == true;
    }
}
