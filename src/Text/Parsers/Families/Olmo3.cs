using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>OLMo 3: calls as Python writes them, one on each line.</summary>
internal sealed class Olmo3 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "olmo-3";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls => [new PythonCalls("<function_calls>", "</function_calls>") { OnLines = true }];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<function_calls>", StringComparison.Ordinal) && template.Contains("<functions>", StringComparison.Ordinal);
}
