using System.Text.Json.Nodes;
using Causerie.Tests;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Grammars.Schemas;
using Causerie.Text.Tests.Tokenizers;
using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Grammars;

/// <summary>A mask has exactly the tokens whose bytes the grammar takes one after the other.</summary>
public sealed class TokenMaskTests(Vocabularies vocabularies) : IClassFixture<Vocabularies>
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":130}},"required":["name"]}""", """{"name": "Zoé \"Z\"", "age": 31, "x": [1]}""")]
    [InlineData("""{"type":"object","properties":{"kind":{"enum":["alpha","beta"]}},"additionalProperties":false}""", """{"kind":"alpha"}""")]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"a":{"type":"string","pattern":"^[a-z]{2,8}$"}}},{"type":"object","properties":{"ab":{"type":"null"}},"required":["ab"]}]}""", """{"ab":null,"a":"abc"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","minLength":2,"maxLength":4},"b":{"type":"string","minLength":3}},"required":["a","b"],"additionalProperties":false}""", """{"b":"añb\u00e9","a":"x🙂\n"}""")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","maxLength":3},"b":{"type":"string","pattern":"^[a-z]+$"}}},"uniqueItems":true}""", """[{"a":"x","b":"ab"},{"a":"x","c":"x"}]""")]
    [InlineData("""{"type":"string","pattern":"^[^/é]*$"}""", "\"a 🙂 \\u00e8b\"")]
    [InlineData("""{"type":"array","items":{"type":"string","maxLength":5},"uniqueItems":true}""", """["ab","é"]""")]
    [InlineData("""{"type":"string","pattern":"^[a-z][a-zA-Z0-9_.-]{0,20}(:[^\\s]{2,9})?$","maxLength":14}""", "\"someName_1:\u00e9x\"")]
    [InlineData("""{"type":"object","properties":{"u":{"type":"string","format":"uri"},"h":{"type":"string","format":"hostname"}},"required":["u","h"]}""", """{"u":"https://a.b/c?d#e","h":"www.x-y.org"}""")]
    [InlineData("""{"anyOf":[{"type":"string","pattern":"^[A-Z].*$","minLength":3},{"type":"string","pattern":"^\\p{L}+$"},{"type":"string","maxLength":3}]}""", "\"Ecole d'été\"")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[0, -12, 345678, 12e3, 1.5e1, 10000000000000000000]")]
    [InlineData("""{"type":"array","items":{"type":"number","minimum":-90,"exclusiveMaximum":180.5}}""", "[0.25, -90, 179, 0.0001]")]
    [InlineData("""{"type":"array","items":{"type":"integer","minimum":3,"maximum":4711,"multipleOf":3}}""", "[3, 42, 4710]")]
    [InlineData("""{"type":"array","items":{"anyOf":[{"type":"number","multipleOf":0.01},{"type":"integer","minimum":1000}]}}""", "[12.34, 1e3, 0.5]")]
    [InlineData("""{"type":"array","items":{}}""", """[12, [3.5, "a\u0027b"], {"x": -1}]""")]
    public void It_equals_the_walk_of_every_token(string schema, string text)
    {
        var tokenizer = vocabularies["ggml-vocab-gpt-2.gguf"];
        var masks = Masks(tokenizer);
        ulong[] mask = new ulong[masks.Words];
        GrammarState? state = JsonGrammar.OfSchema(schema).Start;
        foreach (int token in tokenizer.Encode(text))
        {
            masks.Fill(state!, mask);
            for (int other = 0; other < tokenizer.Vocabulary.Tokens.Length; other++)
                Assert.True(Taken(state!, tokenizer, other) == ((mask[other >> 6] >> other & 1) != 0), $"'{tokenizer.Decode([other])}' before '{tokenizer.Decode([token])}'");
            foreach (byte next in tokenizer.Bytes(token))
                state = state!.Step(next);
        }
        Assert.True(state!.CanEnd);
    }

    [Fact]
    public void It_lets_through_every_token_of_the_values_that_others_call_valid()
    {
        string file = Path.Combine(ConformanceData.Require("json-schema"), "maskbench-sample.jsonl");
        var tokenizer = vocabularies["ggml-vocab-gpt-2.gguf"];
        var masks = Masks(tokenizer);
        ulong[] mask = new ulong[masks.Words];
        int tokens = 0;
        foreach (var one in File.ReadLines(file).Where((_, i) => i % 30 == 0).Select(line => JsonNode.Parse(line)!))
        {
            JsonGrammar grammar;
            try
            {
                grammar = JsonGrammar.OfSchema(one["schema"]!.ToJsonString());
            }
            catch (GrammarException)
            {
                continue;
            }
            if (one["tests"]!.AsArray().FirstOrDefault(test => (bool)test!["valid"]!) is not { } valid)
                continue;
            GrammarState? state = grammar.Start;
            foreach (int token in tokenizer.Encode(valid["data"]?.ToJsonString() ?? "null"))
            {
                masks.Fill(state!, mask);
                Assert.True((mask[token >> 6] >> token & 1) != 0, $"{one["name"]}: '{tokenizer.Decode([token])}'");
                foreach (byte next in tokenizer.Bytes(token))
                    state = state!.Step(next);
                tokens++;
            }
            Assert.True(state!.CanEnd);
        }
        Assert.True(tokens > 1000);
    }

    private static TokenMasks Masks(Tokenizer tokenizer) =>
        new(TokenTrie.Of(tokenizer.Vocabulary.Tokens.Length, token => tokenizer.Bytes(token).ToArray()));

    private static bool Taken(GrammarState state, Tokenizer tokenizer, int token)
    {
        var bytes = tokenizer.Bytes(token);
        GrammarState? at = state;
        foreach (byte next in bytes)
        {
            at = at.Step(next);
            if (at is null)
                return false;
        }
        return bytes.Length > 0;
    }
}
