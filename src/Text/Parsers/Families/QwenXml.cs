using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Qwen3-Coder and 3.5, Nemotron 3, Step 3.5: arguments between tags.</summary>
internal sealed class QwenXml : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "qwen-xml";

    /// <inheritdoc/>
    public override int Order => 2;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<function=", ">", "</function>")
        {
            KeyOpener = "<parameter=", KeyEnd = ">", ValueEnd = "</parameter>", Around = ("<tool_call>\n", "\n</tool_call>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<tool_call>", "</tool_call>"];

    /// <inheritdoc/>
    internal override bool TrimsBeforeCalls => false;

    /// <inheritdoc/>
    internal override bool EndsThinking(string opener) => true;

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<function=", StringComparison.Ordinal)
        && template.Contains("<parameter=", StringComparison.Ordinal);
}
