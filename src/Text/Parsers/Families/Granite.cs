using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Granite 3: a list behind <c>&lt;|tool_call|&gt;</c>.</summary>
internal sealed class Granite : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "granite";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        JsonCalls.List("<|tool_call|>", ""),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|tool_call|>", StringComparison.Ordinal);
}
