using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Llama 3.1 to 3.3: the answer is an object with name and parameters.</summary>
internal sealed class Llama3 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "llama-3";

    /// <inheritdoc/>
    public override int Order => 20;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new JsonCalls(Beginning, "") { Shape = new CallShape("{\"name\": \"", "\", \"parameters\": ", "}") { Between = null } },
        new JsonCalls("<|python_tag|>", ""),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<|python_tag|>", StringComparison.Ordinal)
        || (template.Contains("<|start_header_id|>", StringComparison.Ordinal) && template.Contains("\"parameters\"", StringComparison.Ordinal));
}
