using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>DeepSeek V3.1: <c>name sep json</c> between markers.</summary>
internal sealed class DeepSeek : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "deepseek";

    /// <inheritdoc/>
    public override int Order => 2;

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new NamedCalls("<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>")
        {
            Section = ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<｜tool▁sep｜>", StringComparison.Ordinal);
}
