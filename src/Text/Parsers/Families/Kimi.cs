using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Kimi K2: the id of a call has its name in it.</summary>
internal sealed class Kimi : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "kimi";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls("<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>")
        {
            NameIsId = true,
            Section = ("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"];

    /// <inheritdoc/>
    internal override bool EndsThinking(string opener) => true;

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|tool_call_argument_begin|>", StringComparison.Ordinal);
}
