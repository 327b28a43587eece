using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>FunctionGemma.</summary>
internal sealed class FunctionGemma : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "function-gemma";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
        [new BracedCalls("<start_function_call>call:", "<escape>", "<end_function_call>")];

    /// <inheritdoc/>
    protected override bool Knows(string template) => template.Contains("<start_function_call>", StringComparison.Ordinal);
}
