using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>MiniCPM 5: <c>param</c> tags.</summary>
internal sealed class MiniCpm5 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "minicpm";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<function name=\"", "\">", "</function>")
        {
            KeyOpener = "<param name=\"", KeyEnd = "\">", ValueEnd = "</param>", OnLines = false,
        },
    ];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<function name=", StringComparison.Ordinal);
}
