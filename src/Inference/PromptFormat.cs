using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Text.Parsers;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>How a model's messages become its prompt: chat template, then token ids.</summary>
/// <remarks>
/// The template's own control tokens count as such. Those that somebody typed into a message stay text: a mark is put
/// inside their spelling before the template sees them, and the rendered text is tokenised on each side of it. A
/// message without such a spelling gives exactly the ids of the plain rendering.
/// </remarks>
public sealed class PromptFormat
{
    private const string TemplateKey = "tokenizer.chat_template";

    private readonly Tokenizer _tokenizer;
    private readonly SearchValues<string> _controlSpellings;
    private readonly string _bos;
    private readonly string _eos;
    private readonly bool _addsBos;
    private readonly Lazy<FrozenSet<int>> _shown;

    private PromptFormat(Tokenizer tokenizer, ChatTemplate? template, string? note)
    {
        _tokenizer = tokenizer;
        Template = template;
        Note = note;
        var vocabulary = tokenizer.Vocabulary;
        var spellings = new List<string>();
        for (int id = 0; id < vocabulary.Kinds.Length; id++)
            if (vocabulary.Kinds[id] is TokenKind.Control or TokenKind.Unknown &&
                vocabulary.Tokens[id] is { Length: > 1 } spelling)
                spellings.Add(spelling);
        _controlSpellings = SearchValues.Create([.. spellings], StringComparison.Ordinal);
        _bos = Spelling(vocabulary.Bos);
        _eos = Spelling(vocabulary.Eos);
        Family = template is null ? null : ToolFamily.Of(template.Source);
        _shown = new Lazy<FrozenSet<int>>(() => ShownBy(Family));
        _addsBos = tokenizer.Encode("", addSpecial: true) is [var first, ..] && first == vocabulary.Bos;
    }

    /// <summary>The template; null where the model's own is malformed.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>How the model writes thinking and calls, as its template tells; null where it has none.</summary>
    public ToolFamily? Family { get; }

    /// <summary>The control tokens that a parser of its answers must see.</summary>
    internal FrozenSet<int> Shown => _shown.Value;

    /// <summary>What a person should know: that the template is a stand-in, or why there is none. Null otherwise.</summary>
    public string? Note { get; }

    internal static PromptFormat Read(GgufMetadata metadata, Tokenizer tokenizer)
    {
        if (!metadata.TryGet<string>(TemplateKey, out var source) || source.Length == 0)
            return new PromptFormat(
                tokenizer, ChatTemplate.ChatMl, "The model has no chat template; ChatML stands in.");
        try
        {
            return new PromptFormat(tokenizer, ChatTemplate.Parse(source), null);
        }
        catch (TemplateException e)
        {
            return new PromptFormat(tokenizer, null, $"The model's chat template is malformed: {e.Message}");
        }
    }

    /// <summary>The prompt as text, for people to look at.</summary>
    /// <exception cref="ChatException">The template refuses the messages, or there is none.</exception>
    public string Render(ChatRequest request, DateTime now) => Render(request, now, text => text);

    /// <summary>The prompt's token ids.</summary>
    /// <exception cref="ChatException">The template refuses the messages, or there is none.</exception>
    public int[] Encode(ChatRequest request, DateTime now)
    {
        if (request.Messages.IsDefaultOrEmpty)
            throw ChatException.Invalid("messages must not be empty.", "messages");
        char mark = MarkFor(request);
        string text = Render(request, now, content => Break(content, mark));
        var ids = new List<int>();
        if (_addsBos && !text.StartsWith(_bos, StringComparison.Ordinal))
            ids.Add(_tokenizer.Vocabulary.Bos!.Value);
        string[] pieces = text.Split(mark);
        ids.AddRange(_tokenizer.Encode(pieces[0], parseSpecial: true));
        foreach (string piece in pieces.AsSpan(1))
            ids.AddRange(Continue(piece));
        return [.. ids];
    }

    private string Render(ChatRequest request, DateTime now, Func<string, string> content)
    {
        if (Template is null)
            throw new ChatException(ChatErrorKind.Unsupported, Note!);
        if (request.Messages.IsDefaultOrEmpty)
            throw ChatException.Invalid("messages must not be empty.", "messages");
        ImmutableArray<ChatTool> tools = request.ToolChoice.Mode == ToolMode.None
            ? [] : [.. Offered(request).Select(tool => Told(tool, content))];
        ImmutableArray<ChatMessage> messages = [.. request.Messages.Select(message => Told(message, content))];
        if (!Template.TakesTools)
            (messages, tools) = (GenericTools.Tell(messages, tools), []);
        var variables = new PromptVariables
        {
            Messages = messages,
            Tools = tools,
            ReasoningEffort = request.ReasoningEffort,
            BosToken = _bos,
            EosToken = _eos,
        };
        try
        {
            return variables.Render(Template, now);
        }
        catch (TemplateException e)
        {
            throw new ChatException(ChatErrorKind.InvalidRequest, e.Message, "messages", e);
        }
    }

    private FrozenSet<int> ShownBy(ToolFamily? family)
    {
        string[] markers = [.. family?.Markers.Where(marker => marker.Length > 0) ?? []];
        var vocabulary = _tokenizer.Vocabulary;
        return Enumerable.Range(0, vocabulary.Kinds.Length)
            .Where(id => vocabulary.Kinds[id] == TokenKind.Control && vocabulary.Tokens[id] is { Length: > 1 } spelling &&
                markers.Any(marker => marker.Contains(spelling, StringComparison.Ordinal)))
            .ToFrozenSet();
    }

    /// <summary>The tools that the model is to know of.</summary>
    internal static ImmutableArray<ChatTool> Offered(ChatRequest request) => request.ToolChoice.Allowed.IsDefaultOrEmpty
        ? request.Tools
        : [.. request.Tools.Where(tool => request.ToolChoice.Allowed.Contains(tool.Name))];

    private static ChatMessage Told(ChatMessage message, Func<string, string> content) => message with
    {
        Text = content(message.Text),
        Name = message.Name is { } name ? content(name) : null,
        Thinking = message.Thinking is { } thinking ? content(thinking) : null,
        ToolCallId = message.ToolCallId is { } id ? content(id) : null,
        ToolCalls = [.. message.ToolCalls.Select(call => new ToolCall(content(call.Id), content(call.Name), content(call.Arguments)))],
    };

    private static ChatTool Told(ChatTool tool, Func<string, string> content) => new(content(tool.Name), content(tool.Parameters))
    {
        Description = tool.Description is { } description ? content(description) : null,
    };

    private static IEnumerable<string> TextsOf(ChatRequest request) => request.Messages
        .SelectMany(message => message.ToolCalls.SelectMany(call => new[] { call.Id, call.Name, call.Arguments })
            .Concat([message.Text, message.Name, message.Thinking, message.ToolCallId]))
        .Concat(request.Tools.SelectMany(tool => new[] { tool.Name, tool.Description, tool.Parameters }))
        .OfType<string>();

    /// <summary>Puts <paramref name="mark"/> behind the first character of every control token's spelling.</summary>
    private string Break(string text, char mark)
    {
        int from = 0;
        StringBuilder? broken = null;
        while (text.AsSpan(from).IndexOfAny(_controlSpellings) is >= 0 and var at)
        {
            int split = from + at + (char.IsHighSurrogate(text[from + at]) ? 2 : 1);
            (broken ??= new StringBuilder()).Append(text, from, split - from).Append(mark);
            from = split;
        }
        return broken is null ? text : broken.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>A private-use character that nobody wrote.</summary>
    private static char MarkFor(ChatRequest request)
    {
        for (char mark = '\uE000'; mark <= '\uF8FF'; mark++)
            if (!TextsOf(request).Any(text => text.Contains(mark)))
                return mark;
        throw ChatException.Invalid("The messages hold every private-use character there is.", "messages");
    }

    /// <summary>The ids of text that goes on after other text: without the space that some kinds put in front.</summary>
    private ReadOnlySpan<int> Continue(string piece)
    {
        int[] newline = _tokenizer.Encode("\n", parseSpecial: true);
        int[] both = _tokenizer.Encode("\n" + piece, parseSpecial: true);
        return both.AsSpan().StartsWith(newline) ? both.AsSpan(newline.Length) : _tokenizer.Encode(piece, parseSpecial: true);
    }

    private string Spelling(int? id) =>
        id is { } known && known < _tokenizer.Vocabulary.Tokens.Length ? _tokenizer.Vocabulary.Tokens[known] : "";
}
