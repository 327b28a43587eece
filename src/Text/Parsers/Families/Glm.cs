using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>GLM 4.5 to 4.7: keys and values between tags.</summary>
internal sealed class Glm : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "glm";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<tool_call>", "\n", "</tool_call>")
        {
            KeyOpener = "<arg_key>", KeyEnd = "</arg_key>", ValueOpener = "<arg_value>", ValueEnd = "</arg_value>", OnLines = false,
        },
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<arg_key>", StringComparison.Ordinal);
}
