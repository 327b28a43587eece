using System.Globalization;
using System.Text;
using Causerie.Text.Grammars;

namespace Causerie.Text.Tests.Grammars;

/// <summary>Grammars in Lark's notation take the texts that its documentation says they take, and no others.</summary>
public sealed class LarkTests
{
    private const string Json = """
        // The grammar of Lark's tutorial.
        ?start: value
        ?value: object | array
              | string
              | SIGNED_NUMBER -> number
              | "true" | "false" | "null"
        array  : "[" [value ("," value)*] "]"
        object : "{" [pair ("," pair)*] "}"
        pair   : string ":" value
        string : ESCAPED_STRING
        %import common.ESCAPED_STRING
        %import common.SIGNED_NUMBER
        %import common.WS
        %ignore WS
        """;

    private const string Calculator = """
        ?start: sum
        ?sum: product
            | sum "+" product   -> add
            | sum "-" product   -> sub
        ?product: atom
            | product "*" atom
            | product "/" atom
        ?atom: NUMBER
             | "-" atom
             | "(" sum ")"
        %import common.NUMBER
        %import common.WS_INLINE
        %ignore WS_INLINE
        """;

    private const string Sql = """
        start: "SELECT"i columns "FROM"i NAME [where] ";"
        columns: "*" | NAME ("," NAME)*
        where: "WHERE"i condition (("AND"i|"OR"i) condition)~0..2
        condition: NAME OPERATOR (NUMBER | STRING)
        OPERATOR: "=" | "<" ["=" | ">"] | ">" "="?
        NAME: /[a-z_][a-z0-9_]*/
        STRING: /'[^'\n]*'/
        %import common (NUMBER, WS)
        %ignore WS
        """;

    [Theory]
    [InlineData(Json, """{"a": [1, -2.5e3, true, null], "é\"": {}}""", "[1,\n\t2 ]", "{ }", "3", "\"\\\\\"")]
    [InlineData(Calculator, "1", "1+2*3", "(1 - -2) / 3.5", "1-2-3-4-5-6-7-8", "((((1))))*2")]
    [InlineData(Sql, "SELECT * FROM t;", "select a, b_1 From t where a<>3 and b >= 'x y' or c=.5;")]
    [InlineData("start: \"a\"~2 \"b\"~1..3", "aab", "aabbb")]
    [InlineData("start: \"a\"{2} \"b\"{1,}", "aab", "aabbbb")]
    [InlineData("start: (\"a\" | \"b\")+ [\"c\"] \"d\"?", "a", "abab", "bcd", "ad")]
    [InlineData("start: a b*\na: \"x\"\nb: \"y\" |\n", "x", "xyy")]
    [InlineData("start: \"GrüßE\"i", "grüße", "GRÜßE", "GrüßE")]
    [InlineData("start: /[^k]x/i", "aX", "éx")]
    [InlineData("start: /a.b/s /c/imsu", "a\nbC")]
    [InlineData("start: \"a\"..\"f\" HEX\nHEX: \"0\"..\"9\" | \"A\"..\"F\"", "aF", "f0")]
    [InlineData("start: \"\\n\\t\\\"\\\\\\x41\\u00e9\\U0001F642\"", "\n\t\"\\Aé🙂")]
    [InlineData("start: /\\d\\w\\s\\S\\W\\D/", "1é x!x", "٣_\u2003é é")]
    [InlineData("start: /(?P<year>\\d{4})-(?:0[1-9]|1[0-2])/", "2026-11")]
    [InlineData("start: /[\\/\\]\\-]+/", "/]-")]
    [InlineData("start: _x\n!_x.5: Y_2 -> alias\nY_2: \"y\"", "y")]
    [InlineData("start: s\ns: s s | \"a\" |\n", "", "a", "aaaa")]
    [InlineData("start: a\na: b \"x\" | \"1\"\nb: a \"y\" | c? a \"z\" | \"2\"\nc: \"w\" c |", "1", "2x", "1yx", "1zx", "w1zx", "w2xzxyx")]
    [InlineData("start: e\ne: e e \"+\" | \"x\" | e", "x", "xx+", "xxx++", "xx+xx++")]
    [InlineData("%import common.WORD -> W\n%import common.INT\nstart: W \"-\" INT", "abc-12")]
    [InlineData("%ignore /#[^\\n]*/\n%ignore \" \" | \"\\n\"\nstart: \"a\" \"b\" \"c\"", "abc", "a #x\n b  c", "a##\nbc")]
    [InlineData("start: \"a\" T \"b\"\nT: \"t\"*\n%ignore \" \"", "ab", "a b", "attb", "a t b")]
    [InlineData("start: some-name\nsome-name: \"a\" ->with_alias", "a")]
    public void Texts_that_are_taken(string source, params string[] texts) =>
        Assert.All(texts, text => Assert.True(FormatTests.Takes(GrammarFormat.Read("lark", source), text), text));

    [Theory]
    [InlineData(Json, "", "{", "[1,]", "{\"a\" 1}", " 1", "1 ", "tru", "\"a", "\"a\nb\"", "01x")]
    [InlineData(Calculator, "", "1+", "+1", "(1", "1 2", " 1", "1+\n2", "1**2")]
    [InlineData(Sql, "SELECT FROM t;", "SELECT * FROM t", "SELECT a FROM t WHERE a=1 AND b=2 AND c=3 AND d=4;", "SELECT a FROM T;", "SELECT a FROM t WHERE a=!;")]
    [InlineData("start: \"a\"~2 \"b\"~1..3", "ab", "aa", "aabbbb", "aaab")]
    [InlineData("start: \"a\"{2} \"b\"{1,}", "ab", "aa")]
    [InlineData("start: (\"a\" | \"b\")+ [\"c\"] \"d\"?", "", "c", "acc", "adc")]
    [InlineData("start: \"GrüßE\"i", "grusse", "gruß", "grüSSe")]
    [InlineData("start: /[^k]x/i", "kx", "Kx", "KX", "a")]
    [InlineData("start: /a.b/", "a\nb", "ab")]
    [InlineData("start: \"a\"..\"f\"", "g", "A", "", "ab")]
    [InlineData("start: /\\d\\w\\s\\S\\W\\D/", "x", "1é x!1", "1é xéx", "1-\u00a0x!x")]
    [InlineData("start: s\ns: s s | \"a\" |\n", "b", "ab")]
    [InlineData("start: a\na: b \"x\" | \"1\"\nb: a \"y\" | c? a \"z\" | \"2\"\nc: \"w\" c |", "", "2", "1y", "w1x", "2y", "x")]
    [InlineData("start: e\ne: e e \"+\" | \"x\" | e", "", "x+", "xx", "xxx+")]
    [InlineData("%import common.WORD -> W\nstart: W", "", "é", "a1")]
    [InlineData("%ignore \" \"\nstart: \"ab\" \"c\"", "a bc", " abc", "abc ", "ab  d")]
    public void Texts_that_are_not(string source, params string[] texts) =>
        Assert.All(texts, text => Assert.False(FormatTests.Takes(GrammarFormat.Read("lark", source), text), text));

    [Theory]
    [InlineData("INT", "12 0", "-1 1.5")]
    [InlineData("SIGNED_INT", "+12 -0 7", "- 1.")]
    [InlineData("DECIMAL", "1. .5 1.25", ". 1")]
    [InlineData("FLOAT", "1e5 1.E-3 .5 2.", "1 e5 1e")]
    [InlineData("NUMBER", "1 1e5 .5", "-1 e")]
    [InlineData("SIGNED_NUMBER", "-1 +1e5 .5", "-- +-1")]
    [InlineData("ESCAPED_STRING", "\"\" \"a\\\"b\" \"\\\\\"", "\" \"\\\" a \"a\"b\"")]
    [InlineData("WORD", "Abc", "a_b 1")]
    [InlineData("CNAME", "_a1 B", "1a é")]
    [InlineData("LETTER", "a Z", "é ab")]
    [InlineData("DIGIT", "0 9", "10 a")]
    [InlineData("HEXDIGIT", "0 f A", "g 00")]
    [InlineData("SQL_COMMENT", "-- --a'", "- a--")]
    [InlineData("C_COMMENT", "/**/ /***/ /*a*b/*/", "/*/ /**/*/ /*")]
    public void Common_terminals(string name, string good, string bad)
    {
        string source = $"start: {name}\n%import common.{name}";
        Assert.All(good.Split(' '), text => Assert.True(FormatTests.Takes(GrammarFormat.Read("lark", source), text), text));
        Assert.All(bad.Split(' '), text => Assert.False(FormatTests.Takes(GrammarFormat.Read("lark", source), text), text));
    }

    [Fact]
    public void Spaces_of_common()
    {
        string source = "start: WS_INLINE \"|\" WS \"|\" NEWLINE\n%import common (WS, WS_INLINE, NEWLINE)";
        Assert.True(FormatTests.Takes(GrammarFormat.Read("lark", source), " \t| \n\t\r\f|\r\n\n"));
        Assert.False(FormatTests.Takes(GrammarFormat.Read("lark", source), " \n|\n|\n"));
        Assert.False(FormatTests.Takes(GrammarFormat.Read("lark", source), " | |\r"));
    }

    [Theory]
    [InlineData("", "no rule 'start'")]
    [InlineData("a: \"x\"", "no rule 'start'")]
    [InlineData("start: a", "'a' is nowhere defined, in line 1, column 8")]
    [InlineData("start: \"a\"\nb: X", "'X' is nowhere defined, in line 2, column 4")]
    [InlineData("start: \"a\"\nstart: \"b\"", "'start' is defined twice, in line 2, column 1")]
    [InlineData("start: \"a", "does not end in its line, in line 1, column 8")]
    [InlineData("start: /a", "does not end in its line")]
    [InlineData("start: (\"a\"", "')' is missing, in line 1, column 12")]
    [InlineData("start: [\"a\"", "']' is missing")]
    [InlineData("start \"a\"", "':' is missing, in line 1, column 7")]
    [InlineData("start: \"a\" )", "the line does not end, in line 1, column 12")]
    [InlineData("start: $", "'$' begins nothing, in line 1, column 8")]
    [InlineData("start: \"\\q\"", "'\\q' means nothing in a text, in line 1, column 9")]
    [InlineData("start: \"\\x4\"", "the 2 hexadecimal digits")]
    [InlineData("start: \"\\ud800\"", "the 4 hexadecimal digits")]
    [InlineData("start: \"a\"x", "the flag 'i' or none")]
    [InlineData("start: /a/q", "'q' is no flag")]
    [InlineData("start: /a/x", "the flag 'x'")]
    [InlineData("start: \"ab\"..\"c\"", "one character to another")]
    [InlineData("start: \"a\"..b", "one character to another")]
    [InlineData("start: \"b\"..\"a\"", "wrong way round")]
    [InlineData("start: \"a\"~3..1", "wrong way round")]
    [InlineData("start: \"a\"~9999", "2,000 repetitions")]
    [InlineData("start: \"a\"~x", "a number is missing")]
    [InlineData("start: \"a\" ->", "an alias is missing")]
    [InlineData("start: /(?=a)b/", "look-around")]
    [InlineData("start: /(a)\\1/", "back-references cannot be enforced")]
    [InlineData("start: /\\bword/", "word boundaries")]
    [InlineData("start: /a*?b/", "lazy repetitions")]
    [InlineData("start: /^a/", "'^' cannot be enforced within a terminal")]
    [InlineData("start: /a$/", "'$' cannot be enforced within a terminal")]
    [InlineData("start: /[[:alpha:]]/", "read in more than one way")]
    [InlineData("start: /[a&&b]/", "read in more than one way")]
    [InlineData("start: /[]a]/", "a class begins with ']'")]
    [InlineData("start: /a{,3}/", "'{' is no repetition")]
    [InlineData("start: /\\012/", "octal")]
    [InlineData("start: /\\p{Lu}/i", "category that ignores cases")]
    [InlineData("start: /[^\\0-\\u{10FFFF}]/", "the terminal /[^\\0-\\u{10FFFF}]/ has no text, in line 1, column 8")]
    [InlineData("start: A\nA: b\nb: \"x\"", "the rule 'b' stands in a terminal, in line 2, column 4")]
    [InlineData("start: A\nA: \"x\" B\nB: A?", "made of itself")]
    [InlineData("start: \"a\" start", "the rule 'start' has no text that ends, in line 1, column 1")]
    [InlineData("start: \"a\"\nx: y\ny: x", "has no text that ends")]
    [InlineData("start: T\nT.2: \"a\"", "the priority of the terminal 'T' cannot be enforced, in line 2")]
    [InlineData("start: a{\"x\"}\na{b}: b", "templates are not read here, in line 1, column 9")]
    [InlineData("a{b}: b\nstart: \"x\"", "'a' is a template, which is not read here, in line 1, column 2")]
    [InlineData("start[lazy]: /a/", "has attributes")]
    [InlineData("%declare X\nstart: X", "'%declare' is not read here, in line 1, column 1")]
    [InlineData("start: \"a\"\n%override start: \"b\"", "'%override' is not read here, in line 2")]
    [InlineData("start: \"a\"\n%extend start: \"b\"", "'%extend' is not read here")]
    [InlineData("start: %json {}", "the line does not end")]
    [InlineData("%what X", "'%what' is no directive")]
    [InlineData("%import python.NAME", "only 'common' can be imported from, in line 1, column 9")]
    [InlineData("%import .other.NAME", "only 'common' can be imported from")]
    [InlineData("%import common.NOPE", "'common' has no 'NOPE', in line 1, column 16")]
    [InlineData("%import common.WS -> ws", "'ws' is no name of a terminal")]
    [InlineData("%import common (WS", "')' is missing")]
    [InlineData("start: <|x|>", "'<' is not read here")]
    [InlineData("start: (((\"a\"~1000)~1000)~1000)", "200,000 places")]
    [InlineData("start: A\nA: (/[a-z]/~1000)~1000", "the terminal A: a pattern needs more than")]
    public void What_is_malformed_or_not_enforced_is_refused_by_name_and_place(string source, string complaint) => Assert.Contains(
        complaint, Assert.Throws<GrammarException>(() => GrammarFormat.Read("lark", source)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_deep_or_large_is_refused_and_not_run_through()
    {
        Refused("start: " + new string('(', 50_000) + "\"a\"");
        Refused("start: A0\n" + string.Concat(Enumerable.Range(0, 1500).Select(i => $"A{i}: A{i + 1} A{i + 1}\n")) + "A1500: \"a\"");
        Refused(string.Concat(Enumerable.Range(0, 3000).Select(i => $"a{i}: \"x\"\n")));
        // Every rule begins with every other one.
        Refused("start: a0\n" + string.Concat(Enumerable.Range(0, 600).Select(
            i => $"a{i}: \"x{i}\" | {string.Join(" | ", Enumerable.Range(1, 100).Select(other => $"a{(i + other) % 600}"))}\n")));

        static void Refused(string source) => Assert.Throws<GrammarException>(() => GrammarFormat.Read("lark", source));
    }

    [Fact]
    public void Long_chains_of_rules_are_read()
    {
        var grammar = GrammarFormat.Read("lark", "start: a0\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"a{i}: \"y\"? \"\" a{i + 1}\n")) + "a500: \"x\" |\n");
        Assert.True(FormatTests.Takes(grammar, ""));
        Assert.True(FormatTests.Takes(grammar, "yyyx"));
        Assert.False(FormatTests.Takes(grammar, "xx"));
    }

    [Fact]
    public void A_long_text_of_a_rule_that_begins_with_itself_keeps_few_ways_open()
    {
        GrammarState? state = GrammarFormat.Read("lark", Calculator).Start;
        foreach (byte next in Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1+(2*3)-", 500)) + "4"))
        {
            state = state?.Step(next);
            Assert.True(state?.Ways < 100);
        }
        Assert.True(state!.CanEnd);
    }

    [Fact]
    public void Every_text_that_is_drawn_ends()
    {
        var random = new Random(11);
        foreach (string source in (string[])[Json, Calculator, Sql, "start: e\ne: e e \"+\" | \"x\" | e"])
        {
            for (int i = 0; i < 20; i++)
            {
                GrammarState state = GrammarFormat.Read("lark", source).Start;
                for (int steps = 0; steps < 200; steps++)
                {
                    GrammarState[] next = [.. Enumerable.Range(0, 256).Select(b => state.Step((byte)b)!).Where(one => one is not null)];
                    Assert.True(next.Length > 0 || state.CanEnd, source);
                    if (next.Length == 0)
                        break;
                    state = next[random.Next(next.Length)];
                }
            }
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("CAUSERIE_FUZZ"), CultureInfo.InvariantCulture, out int asked) ? asked : 3000;
        var random = new Random(7);
        string[] seeds = [Json, Calculator, Sql, "start: (a|B)~2..3 [c]\na: a \"x\"i | /[^k\\d]+/is\nB: \"a\"..\"f\"\n!c.2: B{2,3} -> d\n%ignore /\\s/"];
        const string signs = "()[]{}|\"*+?,.:=\\-^ \n#ax9<!~/%>Z_i\uD800é";
        int read = 0;
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder(seeds[i % seeds.Length]);
            for (int times = random.Next(1, 3); times > 0 && text.Length > 0; times--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text[at] = signs[random.Next(signs.Length)];
                else
                    text.Remove(at, Math.Min(random.Next(1, 5), text.Length - at));
            }
            try
            {
                var state = GrammarFormat.Read("lark", text.ToString()).Start;
                read++;
                for (int steps = 0; steps < 20 && state is not null; steps++)
                    state = state.Step((byte)random.Next(32, 127));
            }
            catch (GrammarException)
            {
                // refused by name
            }
        }
        Assert.InRange(read, count / 20, count - (count / 20));
    }
}
