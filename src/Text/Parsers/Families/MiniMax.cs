using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>MiniMax M2: <c>invoke</c> with parameters between tags.</summary>
internal sealed class MiniMax : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "minimax";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<invoke name=\"", "\">", "</invoke>")
        {
            KeyOpener = "<parameter name=\"", KeyEnd = "\">", ValueEnd = "</parameter>", OnLines = false,
            Section = ("<minimax:tool_call>\n", "\n</minimax:tool_call>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["<think>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["</think>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<minimax:tool_call>", "</minimax:tool_call>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("minimax:tool_call", StringComparison.Ordinal);
}
