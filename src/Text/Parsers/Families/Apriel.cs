using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Apriel: a list between <c>&lt;tool_calls&gt;</c>.</summary>
internal sealed class Apriel : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "apriel";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        JsonCalls.List("<tool_calls>", "</tool_calls>"),
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["Here are my reasoning steps:"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["[BEGIN FINAL RESPONSE]"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<tool_calls>[", StringComparison.Ordinal) || template.Contains("[BEGIN FINAL RESPONSE]", StringComparison.Ordinal);
}
