using System.Text;
using System.Text.Json.Nodes;
using Causerie.Text.Templates.Library;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Syntax;

namespace Causerie.Text.Templates;

/// <summary>A model's chat template: messages in, the prompt that the model was trained on out.</summary>
/// <remarks>
/// Jinja as Hugging Face transformers sets it up: the same white space, tojson, raise_exception, strftime_now, loop
/// controls and generation tag. Sandboxed, because a template comes with a downloaded file. Compiled once; rendering
/// changes nothing in it, so that many threads may share one.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly Names _names;
    private readonly Body _body;
    private readonly string _normalized;
    private readonly TemplateOptions _options;
    private readonly Lazy<bool> _takesSystemRole;
    private readonly Lazy<bool> _takesArgumentObjects;

    private ChatTemplate(string source, string normalized, TemplateOptions options, Names names, Body body)
    {
        Source = source;
        _normalized = normalized;
        _options = options;
        _names = names;
        _body = body;
        _takesSystemRole = new Lazy<bool>(ProbeSystemRole);
        _takesArgumentObjects = new Lazy<bool>(() => ToolTurns.ProbeArgumentObjects(this));
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>ChatML, for a model that has no template.</summary>
    public static ChatTemplate ChatMl { get; } = Parse(BuiltInTemplates.ChatMl);

    /// <summary>
    /// Whether a system message reaches the prompt: tried out once, on a conversation of two messages. False where the
    /// template raises on it or leaves it out; true where it raises without one as well, since that tells nothing.
    /// </summary>
    public bool TakesSystemRole => _takesSystemRole.Value;

    /// <summary>Whether the template has a place for tools.</summary>
    public bool TakesTools => _names.All.Any(name => name.Key == "tools");

    /// <summary>Whether it wants the arguments of a call as an object, rather than as text: tried out once.</summary>
    public bool TakesArgumentObjects => _takesArgumentObjects.Value;

    /// <summary>Compiles <paramref name="source"/>.</summary>
    /// <exception cref="TemplateException">The template is malformed; the message has line and column.</exception>
    public static ChatTemplate Parse(string source) => Parse(source, TemplateOptions.HuggingFace);

    /// <summary>Compiles <paramref name="source"/> with other rules of white space, or other limits.</summary>
    /// <exception cref="TemplateException">The template is malformed; the message has line and column.</exception>
    public static ChatTemplate Parse(string source, TemplateOptions options)
    {
        if (source.Length > options.Limits.Source)
            throw new TemplateException(
                $"The template has {source.Length} characters, more than the limit of {options.Limits.Source}.");
        string normalized = Lexer.Normalize(source, options);
        var lexer = new Lexer(normalized, options);
        TokenStream? tokens = null;
        try
        {
            tokens = new TokenStream(lexer.Read(), options.Limits);
            var names = new Names();
            var parser = new Parser(tokens, names);
            var body = parser.Parse();
            if (parser.Unknown is not { } unknown)
                return new ChatTemplate(source, normalized, options, names, body);
            var missing = new TemplateException(unknown.Message);
            missing.Locate(normalized, unknown.At);
            throw missing;
        }
        catch (TemplateException e)
        {
            e.Locate(normalized, tokens?.Current.At ?? lexer.Position);
            throw;
        }
    }

    /// <summary>Renders with <paramref name="variables"/> (messages, tools, add_generation_prompt, bos_token …).</summary>
    /// <param name="variables">Global variables, as JSON.</param>
    /// <param name="now">What <c>strftime_now</c> and its like take for the present.</param>
    /// <exception cref="TemplateException">The template raised an error or went past a limit.</exception>
    public string Render(JsonObject variables, DateTime now)
    {
        var render = new Render(_options, now);
        try
        {
            var output = new StringBuilder();
            _body.Run(new Frame(render, Globals(render, variables), output));
            return output.ToString();
        }
        catch (TemplateException e)
        {
            e.Locate(_normalized, render.At);
            throw;
        }
    }

    // Only the names that the template mentions: nothing else of the variables is read.
    private Scope Globals(Render render, JsonObject variables)
    {
        var scope = Scope.Root(_names.Count);
        foreach (var (name, id) in _names.All)
        {
            try
            {
                if (variables.TryGetPropertyValue(name, out var node))
                    scope.Set(id, JsonValues.Read(render, node));
                else if (Functions.Find(name) is { } function)
                    scope.Set(id, function);
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
            {
                throw new TemplateException($"The variable '{name}' is not valid JSON: {e.Message}", e);
            }
        }

        return scope;
    }

    private bool ProbeSystemRole()
    {
        const string instruction = "Instruction-7f3a";
        return Probe(withSystem: true)?.Contains(instruction, StringComparison.Ordinal)
            ?? Probe(withSystem: false) is null;

        string? Probe(bool withSystem)
        {
            var messages = new JsonArray();
            if (withSystem)
                messages.Add(new JsonObject { ["role"] = "system", ["content"] = instruction });
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = "Question" });
            var variables = new JsonObject
            {
                ["messages"] = messages,
                ["add_generation_prompt"] = true,
                ["bos_token"] = "",
                ["eos_token"] = "",
            };
            try
            {
                return Render(variables, DateTime.UnixEpoch);
            }
            catch (TemplateException)
            {
                return null;
            }
        }
    }
}
