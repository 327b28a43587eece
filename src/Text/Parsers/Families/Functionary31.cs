using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Functionary 3.1: <c>&lt;function=name&gt;{json}&lt;/function&gt;</c>.</summary>
internal sealed class Functionary31 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "functionary-3.1";

    /// <inheritdoc/>
    public override int Order => 5;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls("<function=", ">", "</function>"),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<function=", StringComparison.Ordinal);
}
