using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Apertus: a list of objects whose only key is the name.</summary>
internal sealed class Apertus : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "apertus";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new JsonCalls("<|tools_prefix|>", "<|tools_suffix|>")
        {
            Keyed = true,
            Shape = new CallShape("{\"", "\": ", "}") { Opening = "<|tools_prefix|>[", Between = ", ", Closing = "]<|tools_suffix|>" },
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["<|inner_prefix|>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["<|inner_suffix|>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|tools_prefix|>", StringComparison.Ordinal);
}
