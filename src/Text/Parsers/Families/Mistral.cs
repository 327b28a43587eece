using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Mistral: <c>[TOOL_CALLS]name[ARGS]{json}</c>, before version 11 a list of objects.</summary>
internal sealed class Mistral : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "mistral";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls("[TOOL_CALLS]", "[ARGS]", "") { IdMarker = "[CALL_ID]" },
        new JsonCalls("[TOOL_CALLS]", "") { IdBehind = true },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["[THINK]"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["[/THINK]"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("[TOOL_CALLS]", StringComparison.Ordinal);
}
