using System.Collections.Immutable;
using System.Security.Cryptography;
using Causerie.Chat;
using Causerie.Text.Parsers;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>Turns one answer's tokens into events: text, then thinking, content and calls, then content up to a stop text.</summary>
public sealed class AnswerReader
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly Detokenizer _text;
    private readonly AnswerParser? _parser;
    private readonly StopScanner _stops;
    private readonly AnswerLogProbs _chances;
    private readonly bool _oneCall;
    private readonly List<AnswerPiece> _pieces = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal); // of the calls so far
    private bool _tellsCall; // whether the latest call is told
    private bool _callRead; // whether one was read to its end
    private int _raw; // characters so far, where there is no parser

    /// <summary>A reader of one answer.</summary>
    /// <param name="model">Who writes it.</param>
    /// <param name="plan">How it is read; null takes all as content.</param>
    /// <param name="stops">Texts that end it.</param>
    /// <exception cref="ChatException">A stop text is empty.</exception>
    public AnswerReader(LoadedModel model, AnswerPlan? plan, ImmutableArray<string> stops)
    {
        if (stops.Contains(""))
            throw ChatException.Invalid("A stop text must not be empty.", "stop");
        _stops = new StopScanner(stops);
        _text = plan?.NewDetokenizer() ?? new Detokenizer(model.Tokenizer);
        _parser = plan?.NewParser();
        _oneCall = plan?.OneCall ?? false;
        _chances = new AnswerLogProbs(model.Tokenizer);
    }

    /// <summary>Whether the answer ends here, whatever the model would go on to write.</summary>
    public bool Ended => _stops.Stopped || (_oneCall && _callRead);

    /// <summary>Tokens that went into thinking.</summary>
    public int ThinkingTokens { get; private set; }

    /// <summary>Takes a token.</summary>
    public void Add(GeneratedToken token, List<ChatEvent> events)
    {
        string text = _text.Add(token.Id);
        _chances.Add(token, text.Length);
        ThinkingTokens += _parser?.IsThinking == true ? 1 : 0;
        Read(text, events);
    }

    /// <summary>No token follows.</summary>
    public void Finish(List<ChatEvent> events)
    {
        Read(_text.Flush(), events);
        _pieces.Clear();
        _parser?.Finish(_pieces);
        Tell(events);
        if (!_stops.Stopped && _stops.Flush() is { Length: > 0 } rest)
            events.Add(_chances.With(rest, last: true));
    }

    /// <summary>Why the answer ended, given why the model stopped writing.</summary>
    public FinishReason Reason(FinishReason reason) =>
        _ids.Count > 0 && !_stops.Stopped && (reason == FinishReason.Stop || (_oneCall && _callRead)) ? FinishReason.ToolCalls
            : Ended ? FinishReason.Stop : reason;

    // A model's own id stands, unless it has given it to another call.
    private string IdOf(AnswerPiece.Call call)
    {
        string id = call.Id is { Length: > 0 } own && _ids.Add(own) ? own : "call_" + RandomNumberGenerator.GetString(Letters, 24);
        _ids.Add(id);
        return id;
    }

    private void Read(string text, List<ChatEvent> events)
    {
        if (text.Length == 0)
            return;
        _pieces.Clear();
        if (_parser is null)
            _pieces.Add(new AnswerPiece.Content(text, _raw, _raw += text.Length));
        else
            _parser.Push(text, _pieces);
        Tell(events);
    }

    private void Tell(List<ChatEvent> events)
    {
        foreach (var piece in _pieces)
        {
            if (Ended)
                return;
            switch (piece)
            {
                case AnswerPiece.Thinking thought:
                    events.Add(new ChatThinking(thought.Text));
                    break;
                case AnswerPiece.Content content:
                    _chances.Add(content);
                    string told = _stops.Push(content.Text);
                    if (told.Length > 0)
                        events.Add(_chances.With(told, _stops.Stopped));
                    break;
                case AnswerPiece.Call call:
                    _tellsCall = !_oneCall || _ids.Count == 0;
                    if (_tellsCall)
                        events.Add(new ChatToolCall(_ids.Count, call.Arguments) { Id = IdOf(call), Name = call.Name });
                    _callRead |= call.IsWhole;
                    break;
                case AnswerPiece.More more:
                    if (_tellsCall && more.Arguments.Length > 0)
                        events.Add(new ChatToolCall(_ids.Count - 1, more.Arguments));
                    _callRead |= more.IsLast;
                    break;
            }
        }
    }
}
