using System.Text;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Tests.Grammars;

/// <summary>Each shorter way to a mask gives what the long way gives.</summary>
public sealed class MaskShortcutTests
{
    // What tokens of drawn vocabularies consist of: halves of characters and escapes among them.
    private static readonly byte[][] Pieces =
    [
        .. new[] { "a", "b", "z", "A", "Z", "0", "1", "7", "12", "999", " ", "  ", "-", ".", "e", "E", "+", "/", ":", ",", "_", "\"", "{", "}", "[", "]", "\n", "\t" }
            .Concat(["\\", "\\n", "\\\"", "\\u", "\\u00", "\\u00e9", "\\ud83d", "\\ude00", "\\u0041", "é", "ß", "🙂", "日本", "\u007f", "\u0001", "true", "null", "ab", "name"])
            .Select(Encoding.UTF8.GetBytes),
        [0xC3], [0xA9], [0xF0, 0x9F], [0x99, 0x82], [0xE6], [0x97, 0xA5], [0xFF],
    ];

    private static readonly string[] Schemas =
    [
        """{"type":"string"}""",
        """{"type":"string","pattern":"^[a-z]{1,5}([^\"é]*|[A-Z0-9]+)$"}""",
        """{"type":"string","pattern":"^(ab|[^a]*b){1,3}$","minLength":3,"maxLength":9}""",
        """{"type":"string","pattern":"^\\p{L}+( \\p{L}+)*$","maxLength":12}""",
        """{"type":"string","pattern":"^.{0,30}$"}""",
        """{"type":"string","minLength":2,"maxLength":7}""",
        """{"anyOf":[{"type":"string","pattern":"^a.*b$"},{"type":"string","maxLength":4},{"type":"number","minimum":7}]}""",
        """{"enum":["ab","a\"b","name\n","日本é",12,-0.7,null]}""",
        """{"type":"array","items":{"type":"integer","maximum":1299},"uniqueItems":true}""",
        """{"type":"array","items":{"type":"string","pattern":"^[a-z]*$"},"uniqueItems":true}""",
        """{"type":"array","items":{"type":"number","minimum":-1.25,"maximum":71}}""",
        """{"type":"array","items":{"type":"integer","multipleOf":7}}""",
        """{"type":"object","properties":{"name":{"type":"string"},"na":{"type":"number"},"é":{"type":"integer"}},"required":["na"]}""",
        """{"type":"object","patternProperties":{"^[a-b]+$":{"type":"boolean"}},"additionalProperties":{"type":"string","pattern":"[0-9]$"}}""",
        """{"type":"object","properties":{"ab":{"type":"number"},"name":{},"A-":{}},"patternProperties":{"^[a-z]*$":{"type":"array"},"^[A-Z]":{"type":"null"}},"additionalProperties":false}""",
        """{"type":"object","propertyNames":{"maxLength":3},"additionalProperties":{"type":"integer"}}""",
        """{"type":"array","items":{"type":"object","propertyNames":{"pattern":"^[a-zA-Z]"},"required":["ab"]},"uniqueItems":true}""",
        """{}""",
    ];

    private const string Word = "ab";

    [Fact]
    public void Masks_over_drawn_vocabularies_equal_the_walk_of_every_token()
    {
        var random = new Random(7);
        int masksSeen = 0;
        for (int round = 0; round < 6; round++)
        {
            byte[][] tokens = [.. Enumerable.Range(0, 1500).Select(_ => Drawn(random)).DistinctBy(Convert.ToHexString)];
            var masks = new TokenMasks(TokenTrie.Of(tokens.Length, token => tokens[token]));
            ulong[] mask = new ulong[masks.Words];
            foreach (string schema in Schemas.SelectMany(one => new[] { one, one + Word }))
            {
                GrammarState state = schema.EndsWith(Word, StringComparison.Ordinal) ? Followed(schema[..^Word.Length]).Start : JsonGrammar.OfSchema(schema).Start;
                for (int step = 0; step < 25; step++, masksSeen++)
                {
                    masks.Fill(state, mask);
                    var next = new List<GrammarState>();
                    for (int token = 0; token < tokens.Length; token++)
                    {
                        var after = After(state, tokens[token]);
                        Assert.True(after is not null == ((mask[token >> 6] >> token & 1) != 0), $"{schema}: '{Encoding.UTF8.GetString(tokens[token])}' at step {step}");
                        if (after is not null)
                            next.Add(after);
                    }
                    if (next.Count == 0)
                        break;
                    state = next[random.Next(next.Count)];
                }
            }
        }
        Assert.True(masksSeen > 500);
    }

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"string"},"uniqueItems":true}""", "[\"x")]
    [InlineData("""{"type":"array","items":{"type":"string","pattern":"^[a-z]*$"},"uniqueItems":true}""", "[\"x")]
    [InlineData("""{"type":"array","items":{"type":"string","maxLength":5},"uniqueItems":true}""", "[\"x")]
    public void A_token_may_hold_the_end_of_a_value_and_what_follows_it(string schema, string text)
    {
        byte[][] tokens = [.. new[] { "\"]ab", "y\"]a", "\"]b", "\",\"z\"]ab" }.Select(Encoding.UTF8.GetBytes)];
        var masks = new TokenMasks(TokenTrie.Of(tokens.Length, token => tokens[token]));
        ulong[] mask = new ulong[masks.Words];
        masks.Fill(After(Followed(schema).Start, Encoding.UTF8.GetBytes(text))!, mask);
        Assert.Equal(0b1011UL, mask[0]);
    }

    [Fact]
    public void Many_threads_get_the_masks_that_one_gets()
    {
        var random = new Random(11);
        byte[][] tokens = [.. Enumerable.Range(0, 800).Select(_ => Drawn(random)).DistinctBy(Convert.ToHexString)];
        TokenMasks New() => new(TokenTrie.Of(tokens.Length, token => tokens[token]));
        string[] Texts() => ["\"ab\\u00e9", "\"a", "[12", "{\"na", "\"ab Z", "[\"ab\",\"z", "\"\\"];
        List<string> Of(TokenMasks masks) => [.. Schemas.SelectMany(schema => Texts().Select(text =>
        {
            ulong[] mask = new ulong[masks.Words];
            if (After(JsonGrammar.OfSchema(schema).Start, Encoding.UTF8.GetBytes(text)) is { } state)
                masks.Fill(state, mask);
            return string.Join(',', mask);
        }))];
        var alone = Of(New());
        var shared = New();
        Assert.All(Enumerable.Range(0, 8).AsParallel().Select(_ => Of(shared)).ToList(), its => Assert.Equal(alone, its));
    }

    [Fact]
    public void Numbers_go_on_with_and_without_the_shorter_way()
    {
        var random = new Random(5);
        // A value that no short number has takes the shorter way from a rule.
        var never = Rational.Parse("1e-300");
        for (int round = 0; round < 400; round++)
        {
            var rule = new NumberRule(Bound(random), random.Next(2) == 0, Bound(random), random.Next(2) == 0, Step(random));
            if (rule.IsEmpty || rule.IsAny || rule.Low == rule.High)
                continue;
            NumberCursor quick = NumberCursor.Begin([rule]), slow = NumberCursor.Begin([rule with { Not = [never] }]);
            for (int length = 0; length < 12; length++)
            {
                var both = "-+.eE0123456789".Select(next => (Quick: quick.Step((byte)next), Slow: slow.Step((byte)next), Next: next)).ToList();
                Assert.All(both, one => Assert.True(one.Quick is null == (one.Slow is null), $"{rule} after {length}: {one.Next}"));
                Assert.Equal(slow.CanEnd, quick.CanEnd);
                for (int count = 1; count <= 2; count++)
                    Assert.True(!quick.TakesDigits(count) || TakesAny(slow, count), $"{rule}: {count} digits");
                var alive = both.Where(one => one.Quick is not null).ToList();
                if (alive.Count == 0)
                    break;
                var taken = alive[random.Next(alive.Count)];
                (quick, slow) = (taken.Quick!, taken.Slow!);
            }
        }
    }

    [Fact]
    public void An_automaton_takes_as_many_code_points_of_a_kind_as_it_says()
    {
        string[] patterns = ["^[a-z]{2,4}x?$", "^([a-z]{3}|[A-Z]+)*$", "^.*$", "[0-9]$", "^a{0,3}[b-z]*$"];
        CodePoints set = CodePoints.Of([('a', 'c')]);
        foreach (var language in patterns.Select(pattern => Language.Of(ExpressionParser.Parse(pattern), whole: false)))
        {
            int[] reaches = language.ReachesWithin(set);
            for (int state = 0; state < language.States; state++)
            {
                HashSet<int> here = [state];
                int length = 0;
                for (; length < 50 && here.All(one => "abc".All(next => language.Step(one, next) != Language.Dead)); length++)
                    here = [.. here.SelectMany(one => "abc".Select(next => language.Step(one, next)))];
                Assert.Equal(Math.Min(reaches[state], 50), length);
            }
        }
    }

    [Fact]
    public void Automata_of_the_same_content_are_equal()
    {
        Language Of(string pattern) => Language.Of(ExpressionParser.Parse(pattern), whole: true);
        Assert.Equal(Of("[a-z]{2,5}"), Of("[a-z]{2,5}"));
        Assert.Equal(Of("[a-z]{2,5}").GetHashCode(), Of("[a-z]{2,5}").GetHashCode());
        Assert.NotEqual(Of("[a-z]{2,5}"), Of("[a-y]{2,5}"));
        Assert.NotEqual(Of("[a-z]{2,5}"), Of("[a-z]{2,6}"));
    }

    /// <summary>A schema's values with a word behind them, which tokens may hold together with a value's end.</summary>
    private static GrammarGraph Followed(string schema)
    {
        var graph = new GrammarGraph();
        int value = graph.Add(JsonGrammar.OfSchema(schema)), word = graph.Add(new LiteralGrammar(Encoding.UTF8.GetBytes(Word)), canEnd: true);
        graph.Begin(value);
        graph.Link(value, word);
        return graph;
    }

    private static bool TakesAny(NumberCursor cursor, int count) => count == 0
        || "0123456789".All(next => cursor.Step((byte)next) is { } after && TakesAny(after, count - 1));

    private static Rational? Bound(Random random) => random.Next(6) switch
    {
        0 or 1 => null,
        2 => Rational.Parse(Whole(random, -20, 20)),
        3 => Rational.Parse(Whole(random, -2000, 5000)),
        4 => Rational.Parse(Whole(random, -300, 300) + "e-2"),
        _ => Rational.Parse(Whole(random, -9, 9) + "e" + Whole(random, 0, 17)),
    };

    private static Rational? Step(Random random) => random.Next(5) switch
    {
        0 or 1 => null,
        2 => Rational.Parse("1"),
        3 => Rational.Parse(Whole(random, 2, 120)),
        _ => Rational.Parse("0.01"),
    };

    private static string Whole(Random random, int from, int to) => random.Next(from, to).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Drawn(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 5)).SelectMany(_ => Pieces[random.Next(Pieces.Length)])];

    private static GrammarState? After(GrammarState state, byte[] bytes)
    {
        GrammarState? at = state;
        foreach (byte next in bytes)
            at = at?.Step(next);
        return at;
    }
}
