using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Nemotron Nano 2: a list between <c>&lt;TOOLCALL&gt;</c>.</summary>
internal sealed class NemotronNano : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "nemotron";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        JsonCalls.List("<TOOLCALL>", "</TOOLCALL>"),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<TOOLCALL>", StringComparison.Ordinal);
}
