using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Hermes, Qwen 2.5 and 3, Granite 4 and all that write <c>&lt;tool_call&gt;{json}&lt;/tool_call&gt;</c>; those of unknown templates, too.</summary>
internal sealed class Hermes : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "hermes";

    /// <inheritdoc/>
    public override int Order => 1000;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new JsonCalls("<tool_call>", "</tool_call>"),
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        true;
}
