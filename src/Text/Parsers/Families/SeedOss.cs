using System.Collections.Immutable;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers.Families;

/// <summary>Seed-OSS: arguments between tags.</summary>
internal sealed class SeedOss : ToolFamily
{
    /// <inheritdoc/>
    public override string Name => "seed-oss";

    /// <inheritdoc/>
    internal override ImmutableArray<CallSyntax> Calls =>
    [
        new TaggedCalls("<function=", ">", "</function>")
        {
            KeyOpener = "<parameter=", KeyEnd = ">", ValueEnd = "</parameter>", OnLines = false,
            Around = ("<seed:tool_call>\n", "\n</seed:tool_call>"),
        },
    ];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkBegins => ["<seed:think>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> ThinkEnds => ["</seed:think>"];

    /// <inheritdoc/>
    internal override ImmutableArray<string> Dropped => ["<seed:tool_call>", "</seed:tool_call>"];

    /// <inheritdoc/>
    protected override bool Knows(string template) =>
        template.Contains("<seed:tool_call>", StringComparison.Ordinal);
}
