using System.Text;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Grammars.Schemas;
using Causerie.Text.Tests.Tokenizers;

namespace Causerie.Text.Tests.Grammars;

/// <summary>Grammars that are made of others, and their masks.</summary>
public sealed class CombinedTests(Vocabularies vocabularies) : IClassFixture<Vocabularies>
{
    [Theory]
    [InlineData("</think>", "a</think>", true)]
    [InlineData("</think>", "</</think>", true)]
    [InlineData("</think>", "</think>x", false)]
    [InlineData("</think>", "a</thin", false)]
    [InlineData("aab", "aaab", true)]
    [InlineData("aab", "aabaab", false)]
    public void Text_up_to_a_marker(string marker, string text, bool taken) =>
        Assert.Equal(taken, FormatTests.Takes(new UntilGrammar(Encoding.UTF8.GetBytes(marker)), text));

    [Theory]
    [InlineData("abc", true)]
    [InlineData("", true)]
    [InlineData("<tool_cal", true)]
    [InlineData("x<tool_call>", false)]
    public void Text_without_a_marker(string text, bool taken) =>
        Assert.Equal(taken, FormatTests.Takes(new WithoutGrammar("<tool_call>"u8.ToArray()), text));

    [Fact]
    public void A_control_token_is_no_text_and_no_text_is_a_control_token()
    {
        byte[] framed = [0xFF, .. "<end>"u8, 0xFF];
        var until = new UntilGrammar(framed);
        Assert.False(FormatTests.Takes(until, "a<end>"));
        Assert.True(TakesBytes(until, [.. "a<end>"u8, .. framed]));
        Assert.Null(UntilGrammar.Anything.Start.Step(0xFF));
        Assert.False(TakesBytes(until, [0xFF, .. "<other>"u8, 0xFF, .. framed]));
    }

    [Fact]
    public void Parts_follow_one_another_as_the_edges_say()
    {
        var grammar = Calls();
        Assert.True(FormatTests.Takes(grammar, "hm</think>\n<call>{\"n\":1}</call>"));
        Assert.True(FormatTests.Takes(grammar, "</think><call>{\"n\":1}</call><call>{\"n\":2}</call>"));
        Assert.False(FormatTests.Takes(grammar, "hm</think>"));
        Assert.False(FormatTests.Takes(grammar, "hm</think>\n\n<call>{\"n\":1}</call>"));
        Assert.False(FormatTests.Takes(grammar, "hm</think><call>{\"n\":\"1\"}</call>"));
    }

    [Fact]
    public void Their_masks_equal_the_walk_of_every_token()
    {
        var tokenizer = vocabularies["ggml-vocab-gpt-2.gguf"];
        var masks = new TokenMasks(TokenTrie.Of(tokenizer.Vocabulary.Tokens.Length, id => [.. tokenizer.Bytes(id)]));
        ulong[] mask = new ulong[masks.Words];
        GrammarState? state = Calls().Start;
        foreach (int token in tokenizer.Encode("I think</think><call>{\"n\": 12}</call><call>{\"n\":3}</call>"))
        {
            masks.Fill(state!, mask);
            for (int other = 0; other < tokenizer.Vocabulary.Tokens.Length; other++)
            {
                GrammarState? after = state;
                foreach (byte next in tokenizer.Bytes(other))
                    after = after?.Step(next);
                Assert.Equal(after is not null && !tokenizer.Bytes(other).IsEmpty, (mask[other >> 6] >> other & 1) != 0);
            }
            foreach (byte next in tokenizer.Bytes(token))
                state = state!.Step(next);
        }
        Assert.True(state!.CanEnd);
    }

    [Fact]
    public void A_mask_that_is_too_much_work_is_refused()
    {
        var tokenizer = vocabularies["ggml-vocab-gpt-2.gguf"];
        var masks = new TokenMasks(TokenTrie.Of(tokenizer.Vocabulary.Tokens.Length, id => [.. tokenizer.Bytes(id)]));
        string ways = string.Join(" | ", Enumerable.Range(0, 500).Select(i => $".{{{i},{i + 1}}} \"{i}\""));
        var state = GrammarFormat.Read("gbnf", $"root ::= ({ways})").Start;
        Assert.Contains("too many ways", Assert.Throws<GrammarException>(() => masks.Fill(state, new ulong[masks.Words])).Message, StringComparison.Ordinal);
    }

    private static GrammarGraph Calls()
    {
        var graph = new GrammarGraph();
        int thinking = graph.Add(new UntilGrammar("</think>"u8.ToArray()));
        int line = graph.Add(new LiteralGrammar("\n"u8.ToArray()));
        int open = graph.Add(new LiteralGrammar("<call>"u8.ToArray()));
        int json = graph.Add(JsonGrammar.OfSchema("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"""));
        int close = graph.Add(new LiteralGrammar("</call>"u8.ToArray()), canEnd: true);
        graph.Begin(thinking);
        graph.Link(thinking, line);
        graph.Link(thinking, open);
        graph.Link(line, open);
        graph.Link(open, json);
        graph.Link(json, close);
        graph.Link(close, open);
        return graph;
    }

    private static bool TakesBytes(Grammar grammar, byte[] bytes)
    {
        GrammarState? state = grammar.Start;
        foreach (byte next in bytes)
            state = state?.Step(next);
        return state?.CanEnd == true;
    }
}
