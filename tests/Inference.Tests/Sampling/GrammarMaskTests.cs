using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference.Sampling;
using Causerie.Text.Grammars;

namespace Causerie.Inference.Tests.Sampling;

/// <summary>Whatever the logits and the dice, an answer is a text of its grammar, and ends where one may.</summary>
public sealed class GrammarMaskTests
{
    private const int End = 256;

    [Theory]
    [InlineData("json_schema", """{"type":"object","properties":{"a":{"type":"integer","minimum":5,"maximum":99},"b":{"type":"array","items":{"enum":["x","é"]},"minItems":1,"maxItems":3}},"required":["a","b"],"additionalProperties":false}""")]
    [InlineData("json_schema", """{"type":"string","maxLength":6}""")]
    [InlineData("json_schema", """{"type":"number","exclusiveMinimum":0,"maximum":0.25}""")]
    [InlineData("regex", "[a-c]{3}(é|🙂)?")]
    [InlineData("choice", """["one","two","twenty"]""")]
    [InlineData("gbnf", "root ::= \"(\" root? \")\" | [0-9]{1,3}")]
    public void Every_answer_is_a_text_of_the_grammar(string kind, string source)
    {
        var random = new Random(3);
        for (int i = 0; i < 60; i++)
        {
            var grammar = GrammarFormat.Read(kind, source);
            var sampler = Sampler.Create(
                new SamplingOptions { Temperature = i % 2, Seed = (ulong)i }, new SamplerDefaults(), new ByteTokenizer.WithEnd(), 0, null, grammar);
            var text = new List<byte>();
            while (true)
            {
                float[] logits = [.. Enumerable.Range(0, End + 1).Select(id => (float)(random.NextDouble() * 8) + (id == End ? 6 : 0))];
                int picked = sampler.Pick(logits);
                sampler.Accept(picked);
                if (picked == End)
                    break;
                text.Add((byte)picked);
                Assert.True(text.Count < 2000);
            }
            GrammarState? state = GrammarFormat.Read(kind, source).Start;
            foreach (byte next in text)
                state = state?.Step(next);
            Assert.True(state?.CanEnd == true, Encoding.UTF8.GetString([.. text]));
            if (kind == "json_schema")
                JsonDocument.Parse(Encoding.UTF8.GetString([.. text])).Dispose();
        }
    }

    [Fact]
    public void The_prompt_is_not_held_to_it()
    {
        var sampler = Sampler.Create(
            SamplingOptions.Greedy, new SamplerDefaults(), new ByteTokenizer.WithEnd(), 0, null, GrammarFormat.Read("choice", "[\"a\"]"));
        sampler.AcceptPrompt([.. "anything"u8.ToArray().Select(b => (int)b)]);
        Assert.Equal('a', sampler.Pick(new float[End + 1]));
        sampler.Accept('a');
        Assert.Equal(End, sampler.Pick(new float[End + 1]));
    }

    [Fact]
    public void A_vocabulary_that_cannot_go_on_is_an_error_that_says_so()
    {
        var sampler = Sampler.Create(
            SamplingOptions.Greedy, new SamplerDefaults(), ByteTokenizer.Of(97), 0, null, GrammarFormat.Read("choice", "[\"a\"]"));
        var failure = Assert.Throws<ChatException>(() => sampler.Pick(new float[97]));
        Assert.Contains("no token of this model's vocabulary", failure.Message, StringComparison.Ordinal);
    }
}
