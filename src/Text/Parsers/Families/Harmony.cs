using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>OpenAI's harmony, the language of gpt-oss.</summary>
internal sealed class Harmony : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "harmony";

    /// <inheritdoc/>
    public override int Order => -10;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls => [];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => ["<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|call|>"];

    /// <inheritdoc/>
    public override AnswerParser NewParser(ImmutableArray<ChatTool> tools, string prompt) => new HarmonyParser(tools.Length > 0);

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|channel|>", StringComparison.Ordinal) && template.Contains("<|message|>", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override Grammar CallGrammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        new CallShape("<|channel|>commentary to=functions.", " <|constrain|>json<|message|>", "") { Between = null }
            .Grammar(tools, parallel, spell);

    /// <inheritdoc/>
    public override Grammar Free(Grammar calls, string prompt, string template, Func<string, byte[]> spell) =>
        Answer(UntilGrammar.Anything, calls, prompt, template, spell);

    /// <inheritdoc/>
    public override Grammar Answer(
        Grammar? content, Grammar? calls, string prompt, string template, Func<string, byte[]> spell)
    {
        var graph = new GrammarGraph();
        int analysis = graph.Add(new LiteralGrammar(spell("<|channel|>analysis<|message|>")));
        int thinking = graph.Add(new UntilGrammar(spell("<|end|>")));
        int again = graph.Add(new LiteralGrammar(spell("<|start|>assistant")));
        graph.Begin(analysis);
        graph.Link(analysis, thinking);
        graph.Link(thinking, again);
        if (content is not null)
        {
            int final = graph.Add(new LiteralGrammar(spell("<|channel|>final<|message|>")));
            graph.Link(final, graph.Add(content, canEnd: true));
            graph.Begin(final);
            graph.Link(again, final);
        }
        if (calls is not null)
        {
            int call = graph.Add(calls, canEnd: true);
            graph.Begin(call);
            graph.Link(again, call);
        }
        return graph;
    }
}
