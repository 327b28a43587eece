using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Gemma 4.</summary>
internal sealed class Gemma4 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "gemma-4";

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["<|channel>thought"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["<channel|>"];

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls => [new BracedCalls("<|tool_call>call:", "<|\"|>", "<tool_call|>")];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<|channel>", "<channel|>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) => template.Contains("<|tool_call>", StringComparison.Ordinal);
}
