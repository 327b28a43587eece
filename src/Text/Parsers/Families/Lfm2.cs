using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>LFM2: calls as Python writes them.</summary>
internal sealed class Lfm2 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "lfm2";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls => [new PythonCalls("<|tool_call_start|>", "<|tool_call_end|>")];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|tool_call_start|>", StringComparison.Ordinal)
        || template.Contains("<|tool_list_start|>", StringComparison.Ordinal)
        || template.Contains("List of tools: [", StringComparison.Ordinal);
}
