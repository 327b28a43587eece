using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>GigaChat 3.</summary>
internal sealed class GigaChat : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "gigachat";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new JsonCalls("<|function_call|>", "") { Shape = new CallShape("<|function_call|>{\"name\": \"", "\", \"arguments\": ", "}") { Between = null } },
        new JsonCalls("<|message_sep|>\n\nfunction call<|role_sep|>\n", ""),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("role_sep|>", StringComparison.Ordinal)
        && template.Contains("message_sep|>", StringComparison.Ordinal);
}
