using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Command R7B and A: a list between actions, the answer between responses.</summary>
internal sealed class Cohere : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "cohere";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new JsonCalls("<|START_ACTION|>", "<|END_ACTION|>")
        {
            Shape = new CallShape("{\"tool_call_id\": \"0\", \"tool_name\": \"", "\", \"parameters\": ", "}")
            {
                Opening = "<|START_ACTION|>[", Between = ", ", Closing = "]<|END_ACTION|>",
            },
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["<|START_THINKING|>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["<|END_THINKING|>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|START_ACTION|>", StringComparison.Ordinal);
}
