using System.Text.Json.Nodes;

namespace Causerie.Text.Templates;

/// <summary>A model's chat template: messages in, the prompt that the model was trained on out.</summary>
/// <remarks>The Jinja subset that real templates use; sandboxed, because a template comes with a downloaded file.</remarks>
public sealed class ChatTemplate
{
    private ChatTemplate(string source) => Source = source;

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Compiles <paramref name="source"/>.</summary>
    /// <exception cref="TemplateException">The template is malformed; the message has line and column.</exception>
    public static ChatTemplate Parse(string source) => new(source);

    /// <summary>Renders with <paramref name="variables"/> (messages, tools, add_generation_prompt, bos_token …).</summary>
    /// <param name="variables">Global variables, as JSON.</param>
    /// <param name="now">What <c>strftime_now</c> and its like take for the present.</param>
    /// <exception cref="TemplateException">The template raised an error or went past a limit.</exception>
    public string Render(JsonObject variables, DateTime now) =>
        throw new TemplateException($"Not compiled: {Source.Length} characters.");
}

/// <summary>A template that cannot be compiled or rendered, with the reason and the place.</summary>
public sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);
