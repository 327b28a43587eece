using System.Text;

namespace Causerie.Text.Parsers;

/// <summary>Parses OpenAI's harmony: messages whose headers name a channel and for whom they are.</summary>
/// <remarks>
/// <c>header &lt;|message|&gt; body</c>, with <c>&lt;|start|&gt;role</c> before each but the first. <c>analysis</c> is thinking,
/// a body for <c>functions.NAME</c> a call, one for another recipient is told to nobody, all else is content.
/// </remarks>
/// <param name="hasTools">Whether the model was offered tools.</param>
internal sealed class HarmonyParser(bool hasTools) : AnswerParser
{
    private const string Functions = "functions.";
    private const int LongestHeader = 512;

    private static readonly string[] BodyEnds = ["<|end|>", "<|call|>", "<|return|>", "<|start|>", "<|channel|>"];
    private static readonly string[] HeaderMarkers = ["<|message|>", "<|end|>"];
    private static readonly string[] HeaderBegins = ["<|", " to=", "assistant"];

    private readonly StringBuilder _held = new();
    private Place _place = Place.Header;
    private bool _bare; // whether the call has no arguments yet
    private bool _first = true;
    private int _done; // characters that are not held any more

    private enum Place
    {
        Header,
        Thinking,
        Content,
        Call,
        Unheard,
    }

    /// <inheritdoc/>
    public override bool IsThinking => _place == Place.Thinking;

    /// <inheritdoc/>
    public override void Push(string text, List<AnswerPiece> into)
    {
        _held.Append(text);
        Run(into, last: false);
    }

    /// <inheritdoc/>
    public override void Finish(List<AnswerPiece> into)
    {
        Run(into, last: true);
        Close(into, isCut: true);
    }

    private void Run(List<AnswerPiece> into, bool last)
    {
        string text = _held.ToString();
        int at = 0;
        while (at < text.Length)
        {
            int read = _place == Place.Header ? Header(text[at..], at, last, into) : Body(text[at..], at, last, into);
            if (read == 0)
                break;
            at += read;
        }
        _held.Remove(0, at);
        _done += at;
    }

    private int Header(string text, int place, bool last, List<AnswerPiece> into)
    {
        if (_first && !HeaderBegins.Any(begin => text.StartsWith(begin, StringComparison.Ordinal) || begin.StartsWith(text, StringComparison.Ordinal)))
        {
            (_place, _first) = (Place.Content, false); // no header at all
            return Body(text, place, last, into);
        }
        var (at, marker) = First(text, HeaderMarkers);
        if (marker is null)
        {
            if (!last && text.Length <= LongestHeader)
                return 0;
            (at, marker) = (text.Length, "");
        }
        _first = false;
        string header = text[..at];
        string channel = Word(header, "<|channel|>");
        string recipient = Word(header, "to=");
        if (marker != "<|message|>")
        {
            // A model that forgot the marker: what follows the channel's name is what it says.
            string said = channel.Length > 0 ? header[(header.IndexOf(channel, StringComparison.Ordinal) + channel.Length)..].Trim() : "";
            if (said.Length > 0 && recipient.Length == 0)
                into.Add(channel == "analysis" ? new AnswerPiece.Thinking(said) : Content(said, place + at));
            return at + marker.Length;
        }
        if (recipient.StartsWith(Functions, StringComparison.Ordinal) && hasTools)
        {
            (_place, _bare) = (Place.Call, true);
            into.Add(new AnswerPiece.Call(recipient[Functions.Length..], "") { IsWhole = false });
        }
        else if (recipient.Length > 0 && recipient is not ("assistant" or "user" or "all"))
            _place = Place.Unheard;
        else
            _place = channel == "analysis" ? Place.Thinking : Place.Content;
        return at + marker.Length;
    }

    private int Body(string text, int place, bool last, List<AnswerPiece> into)
    {
        var (at, marker) = First(text, BodyEnds);
        int end = marker is not null ? at : last ? text.Length : text.Length - HeldBack(text);
        if (end > 0)
        {
            string said = text[..end];
            _bare = false;
            if (_place != Place.Unheard)
                into.Add(_place == Place.Call ? new AnswerPiece.More(said)
                    : _place == Place.Thinking ? new AnswerPiece.Thinking(said) : Content(said, place + end));
        }
        if (marker is null)
            return end;
        Close(into, isCut: false);
        // A channel without an end before it begins a header of its own.
        return end + (marker is "<|start|>" or "<|channel|>" ? 0 : marker.Length) + (marker == "<|start|>" ? marker.Length : 0);
    }

    private void Close(List<AnswerPiece> into, bool isCut)
    {
        if (_place == Place.Call)
            into.Add(new AnswerPiece.More(_bare ? "{}" : "", IsLast: !isCut));
        _place = Place.Header;
    }

    private AnswerPiece.Content Content(string text, int end) => new(text, _done + end - text.Length, _done + end);

    private static (int At, string? Marker) First(string text, string[] markers)
    {
        int best = -1;
        string? marker = null;
        foreach (string one in markers)
        {
            int at = text.IndexOf(one, StringComparison.Ordinal);
            if (at >= 0 && (best < 0 || at < best))
                (best, marker) = (at, one);
        }
        return (best, marker);
    }

    private static int HeldBack(string text)
    {
        int longest = 0;
        foreach (string marker in BodyEnds)
        {
            for (int length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan().EndsWith(marker.AsSpan(0, length)))
                    longest = length;
            }
        }
        return longest;
    }

    /// <summary>The last word behind a mark.</summary>
    private static string Word(string header, string mark)
    {
        int at = header.LastIndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return "";
        var rest = header.AsSpan(at + mark.Length).TrimStart();
        int end = rest.IndexOfAny(' ', '<', '\n');
        return (end < 0 ? rest : rest[..end]).ToString();
    }
}
