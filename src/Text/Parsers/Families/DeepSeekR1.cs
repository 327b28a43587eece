using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>DeepSeek R1 and V3: the arguments stand in a fenced block.</summary>
internal sealed class DeepSeekR1 : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "deepseek-r1";

    /// <inheritdoc/>
    public override int Order => 1;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls("<｜tool▁call▁begin｜>", "\n", "<｜tool▁call▁end｜>")
        {
            NamePrefix = "function<｜tool▁sep｜>",
            Fence = ("```json\n", "\n```"),
            Section = ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<｜tool▁sep｜>", StringComparison.Ordinal)
        && template.Contains("```json", StringComparison.Ordinal);
}
