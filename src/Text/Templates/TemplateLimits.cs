namespace Causerie.Text.Templates;

/// <summary>How much a template may cost: it comes with a downloaded file, so nothing in it is trusted.</summary>
/// <remarks>Going past any of these is a <see cref="TemplateException"/> that names the limit.</remarks>
public sealed record TemplateLimits
{
    /// <summary>Limits that real templates stay far below.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Longest template source, in characters.</summary>
    public int Source { get; init; } = 1 << 20;

    /// <summary>How deep blocks, brackets and operators may nest in the source.</summary>
    public int Nesting { get; init; } = 150;

    /// <summary>Work of one rendering: about one step for each syntax node evaluated and each item visited.</summary>
    public long Steps { get; init; } = 50_000_000;

    /// <summary>Loop iterations of one rendering, over all loops.</summary>
    public long Iterations { get; init; } = 1_000_000;

    /// <summary>Longest text, the output included, in characters.</summary>
    public int Output { get; init; } = 16 << 20;

    /// <summary>All texts that one rendering makes on the way, in characters.</summary>
    public long Text { get; init; } = 256L << 20;

    /// <summary>How deep macros and recursive loops may call each other, and values may nest.</summary>
    public int Depth { get; init; } = 200;

    /// <summary>Longest <c>range()</c>.</summary>
    public int Range { get; init; } = 100_000;

    /// <summary>Widest field in <c>format</c>, <c>center</c>, <c>indent</c> and their like.</summary>
    public int Width { get; init; } = 10_000;

    /// <summary>Longest list that is built by repetition, slicing or a filter.</summary>
    public int Items { get; init; } = 1_000_000;
}
