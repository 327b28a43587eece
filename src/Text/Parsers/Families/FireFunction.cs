using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>FireFunction: <c>functools[{json}]</c>.</summary>
internal sealed class FireFunction : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "firefunction";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        JsonCalls.List(" functools", ""),
        new JsonCalls("functools", ""),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains(" functools", StringComparison.Ordinal);
}
