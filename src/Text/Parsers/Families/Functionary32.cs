using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Functionary 3.2: each part names who it is for, <c>all</c> or a tool.</summary>
internal sealed class Functionary32 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "functionary-3.2";

    /// <inheritdoc/>
    public override int Order => 3;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls(">>>", "\n", "") { OnlyKnown = true },
        new NamedCalls(Beginning, "\n", "") { OnlyKnown = true },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => [">>>all\n"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Preambles => ["all\n"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains(">>>", StringComparison.Ordinal)
        && template.Contains("all", StringComparison.Ordinal);
}
