namespace Causerie.Text.Templates;

/// <summary>How a template's text is read; the defaults are those of Hugging Face transformers.</summary>
public sealed record TemplateOptions
{
    /// <summary>As <c>apply_chat_template</c> of transformers sets Jinja up.</summary>
    public static TemplateOptions HuggingFace { get; } = new();

    /// <summary>Whether the newline right after a block tag is dropped.</summary>
    public bool TrimBlocks { get; init; } = true;

    /// <summary>Whether blanks between the start of a line and a block tag are dropped.</summary>
    public bool LstripBlocks { get; init; } = true;

    /// <summary>Whether one newline at the very end of the template stays.</summary>
    public bool KeepTrailingNewline { get; init; }

    /// <summary>
    /// Whether lists and dicts may be changed in place (<c>append</c>, <c>update</c> …). Transformers forbids it; some
    /// templates, Kimi K2's among them, need it for tool calls.
    /// </summary>
    public bool AllowMutation { get; init; }

    /// <summary>What a rendering may cost.</summary>
    public TemplateLimits Limits { get; init; } = TemplateLimits.Default;
}
