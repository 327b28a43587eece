using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>DeepSeek V3.2 and V4: <c>invoke</c> with typed parameters between tags.</summary>
internal sealed class DeepSeekDsml : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "deepseek-dsml";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<｜DSML｜invoke name=\"", "\">", "</｜DSML｜invoke>")
        {
            KeyOpener = "<｜DSML｜parameter name=\"", KeyEnd = ">", ValueEnd = "</｜DSML｜parameter>", OnLines = false,
            Section = ("<｜DSML｜tool_calls>\n", "\n</｜DSML｜tool_calls>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>", "<｜DSML｜function_calls>", "</｜DSML｜function_calls>"];

    /// <inheritdoc/>
    internal override bool EndsThinking(string opener) => true;

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("｜DSML｜", StringComparison.Ordinal);
}
