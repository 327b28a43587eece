using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Parsers;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>All that a request comes to with one model: its prompt, what the answer is held to, and how it is read.</summary>
public sealed class AnswerPlan
{
    private const int PromptTail = 256; // characters in which a family sees whether the prompt begins the thinking

    private readonly LoadedModel _model;
    private readonly ToolFamily? _family; // null for a text that is gone on with
    private readonly ImmutableArray<ChatTool> _tools;
    private readonly string _tail;

    private AnswerPlan(LoadedModel model, ChatRequest request, DateTime now)
    {
        _model = model;
        if (TextPrompt(model, request) is { } prompt)
        {
            Prompt = prompt;
            (_tools, _tail) = ([], "");
            Grammar = Asked(request);
            return;
        }
        Prompt = PromptOf(model, request, now, out var messages);
        Shortened = messages.Length < request.Messages.Length ? messages : null;
        _family = model.Prompts.Family; // a model without a template has refused by now
        _tools = request.ToolChoice.Mode == ToolMode.None ? [] : PromptFormat.Offered(request);
        string end = model.Tokenizer.Decode(Prompt.AsSpan(Math.Max(0, Prompt.Length - PromptTail)), showSpecial: true);
        _tail = end[Math.Max(0, end.Length - PromptTail)..];
        Grammar = GrammarOf(request, model.Prompts.Family!);
    }

    /// <summary>Token ids.</summary>
    public int[] Prompt { get; }

    /// <summary>The messages that the prompt is of, where the oldest were left out; null where none were.</summary>
    public ImmutableArray<ChatMessage>? Shortened { get; }

    /// <summary>Texts that the answer is held to; null leaves it free.</summary>
    public Grammar? Grammar { get; }

    /// <summary>Whether at most one call may be made.</summary>
    public bool OneCall { get; private init; }

    /// <summary>Works out a request.</summary>
    /// <param name="model">Who answers.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="now">The present for the template.</param>
    /// <exception cref="ChatException">The template refuses the messages, or what the answer is to be held to cannot be enforced.</exception>
    public static AnswerPlan Of(LoadedModel model, ChatRequest request, DateTime now) =>
        new(model, request, now) { OneCall = !request.ParallelToolCalls };

    /// <summary>The prompt of a request, without working out what else it asks.</summary>
    /// <param name="model">Who would answer.</param>
    /// <param name="request">What would be asked.</param>
    /// <param name="now">The present for the template.</param>
    /// <param name="messages">The messages that it is of: some of the request's, where the oldest may go.</param>
    /// <exception cref="ChatException">The template refuses the messages.</exception>
    public static int[] PromptOf(LoadedModel model, ChatRequest request, DateTime now, out ImmutableArray<ChatMessage> messages)
    {
        messages = request.Messages;
        if (TextPrompt(model, request) is { } given)
            return given;
        if (!request.DropsOldest)
            return model.Prompts.Encode(request, now);
        (messages, int[] prompt) = Shortening.Of(request, model.ContextLength, one => model.Prompts.Encode(one, now));
        return prompt;
    }

    /// <summary>A parser of one answer; null where all of it is content.</summary>
    public AnswerParser? NewParser() => _family?.NewParser(_tools, _tail);

    /// <summary>Turns the answer's tokens to the text that the parser reads.</summary>
    public Detokenizer NewDetokenizer() => _family is null ? new(_model.Tokenizer) : new(_model.Tokenizer, shown: _model.Prompts.Shown);

    /// <summary>The prompt where a text is gone on with; null where there are messages.</summary>
    private static int[]? TextPrompt(LoadedModel model, ChatRequest request)
    {
        if (!request.TextTokens.IsDefaultOrEmpty)
        {
            model.CheckTokens(request.TextTokens.AsSpan(), "prompt");
            return [.. request.TextTokens];
        }

        if (request.Text is not { } text)
            return null;
        return request.Suffix is not { } suffix ? model.Tokenizer.Encode(text, addSpecial: true)
            : model.Tokenizer.Fill is { } marks ? marks.Prompt(model.Tokenizer, text, suffix)
            : throw new ChatException(
                ChatErrorKind.Unsupported,
                $"The model '{model.Card.Id}' cannot fill a place before a 'suffix': its vocabulary has no tokens for that. Ask a model that was trained for it.",
                "suffix");
    }

    private static Grammar? Asked(ChatRequest request) =>
        Read("response_format", () => request.Grammar is { } asked ? GrammarFormat.Read(asked.Kind, asked.Source) : null);

    private Grammar? GrammarOf(ChatRequest request, ToolFamily family)
    {
        var content = Asked(request);
        bool required = request.ToolChoice.Mode == ToolMode.Required;
        if (required && _tools.IsEmpty)
            throw ChatException.Invalid("A call is asked for, but no tool is offered.", "tool_choice");
        bool held = required || (!_tools.IsEmpty && (content is not null || _tools.Any(tool => tool.Strict)));
        string template = _model.Prompts.Template!.Source;
        if (!held)
            return content is null ? null : family.Answer(content, null, _tail, template, Spell);
        return Read(required ? "tool_choice" : "tools", () =>
        {
            var calls = family.CallGrammar(_tools, request.ParallelToolCalls, Spell);
            return required ? family.Answer(null, calls, _tail, template, Spell)
                : content is not null ? family.Answer(content, calls, _tail, template, Spell)
                : family.Free(calls, _tail, template, Spell);
        });
    }

    private byte[] Spell(string text) => ControlTokens.Spell(_model.Tokenizer, text);

    private static Grammar? Read(string field, Func<Grammar?> read)
    {
        try
        {
            return read();
        }
        catch (GrammarException e)
        {
            throw ChatException.Invalid($"What the answer is to be held to cannot be enforced: {e.Message}", field);
        }
    }
}
