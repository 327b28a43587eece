using System.Text;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers;

/// <summary>Parses answers in which markers stand around thinking and calls.</summary>
/// <remarks>What may yet become a marker is held back, and a call until it is whole or can be told while it is written.</remarks>
internal sealed class MarkedParser : AnswerParser
{
    private const int Short = 512; // what is held is looked at with each piece up to here,
    private const int Regrowth = 16; // then when it has grown by a part of so many

    private readonly ToolFamily _family;
    private readonly ToolTypes _tools;
    private readonly string[] _thinkingMarkers;
    private readonly string[] _contentMarkers;
    private readonly bool _holdsSpace;
    private readonly StringBuilder _held = new();
    private bool _thinking;
    private bool _trim; // whether white space is dropped until something else comes
    private bool _begun; // whether anything but white space has come
    private int _done; // characters that are not held any more
    private string _space = ""; // behind thinking or content: dropped where it ends there
    private int _lookAgain;
    private OpenCall? _open; // what is being written

    /// <summary>A parser of one answer.</summary>
    /// <param name="family">How the model writes.</param>
    /// <param name="tools">The tools that it was offered; none leaves calls as text.</param>
    /// <param name="prompt">The end of the rendered prompt, which may have begun the thinking.</param>
    public MarkedParser(ToolFamily family, ToolTypes tools, string prompt)
    {
        (_family, _tools) = (family, tools);
        _thinking = family.PromptThinks(prompt);
        _trim = _thinking;
        string[] openers = tools.IsEmpty ? [] : [.. family.Calls.SelectMany(call => call.Openers)];
        _thinkingMarkers = [.. family.ThinkBegins, .. family.ThinkEnds, .. openers.Where(family.EndsThinking), .. family.Dropped];
        _contentMarkers = [.. family.ThinkBegins, .. openers, .. family.Dropped, .. family.Preambles];
        _holdsSpace = family.TrimsBeforeCalls && !tools.IsEmpty;
    }

    /// <inheritdoc/>
    public override bool IsThinking => _thinking;

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
        if (_held.Length > 0)
            Tell(_held.ToString(), 0, into);
        if (!_thinking && _space.Length > 0)
            into.Add(new AnswerPiece.Content(_space, _done + _held.Length - _space.Length, _done + _held.Length));
        _held.Clear();
    }

    private void Run(List<AnswerPiece> into, bool last)
    {
        if (!last && _held.Length < _lookAgain)
            return;
        _lookAgain = 0;
        string text = _held.ToString();
        int at = 0;
        while (at < text.Length || (last && _open is not null))
        {
            if (_open is not null)
            {
                at += _open.Read(text[at..], last, into);
                if (!_open.IsRead && !last)
                {
                    _lookAgain = LookAgain(text.Length - at);
                    break;
                }
                _open = null; // an answer that was cut has no more of it
                continue;
            }
            var (found, marker) = Find(text, at);
            if (marker is null)
            {
                int end = last ? text.Length : text.Length - HeldBack(text.AsSpan(at));
                Tell(text[at..end], at, into);
                at = end;
                break;
            }
            Tell(text[at..found], at, into);
            at = found;
            if (!last && MayGrow(text.AsSpan(at), marker))
                break;
            int read = Take(text[at..], at, marker, last, into);
            if (read < 0)
            {
                _begun = true; // what begins here is no call
                continue;
            }
            if (read == 0)
            {
                _lookAgain = LookAgain(text.Length - at);
                break;
            }
            at += read;
        }
        _held.Remove(0, at);
        _done += at;
    }

    private static int LookAgain(int length) => length <= Short ? 0 : length + (length / Regrowth) + 1;

    /// <summary>What a marker does.</summary>
    /// <returns>Characters read; 0 where more must come first.</returns>
    private int Take(string text, int place, string marker, bool last, List<AnswerPiece> into)
    {
        if (_thinking && marker.Length > 0 && _family.ThinkEnds.Contains(marker))
        {
            EndThinking();
            return marker.Length;
        }
        if (_family.ThinkBegins.Contains(marker))
        {
            // The prompt may have begun the thinking, and the model begin it again.
            if (_thinking && !_trim)
                Tell(marker, place, into);
            else
                (_thinking, _trim, _space) = (true, true, "");
            return marker.Length;
        }
        if (_family.Dropped.Contains(marker) || (marker.Length > 0 && _family.Preambles.Contains(marker)))
        {
            _trim = true;
            return marker.Length;
        }
        foreach (var call in _family.Calls)
        {
            if (!call.Openers.Contains(marker))
                continue;
            int before = into.Count;
            int read = call.Begin(text, _tools, into, out _open);
            if (read < 0 || (read == 0 && last))
                read = call.Read(text, last, _tools, into);
            if (read < 0)
                continue;
            if (read > 0 && into.Count > before)
            {
                if (_thinking)
                    EndThinking();
                _space = "";
                (_begun, _trim) = (true, true);
            }
            return read;
        }
        if (marker == ToolFamily.Beginning)
            return -1;
        Tell(marker, place, into);
        return marker.Length;
    }

    private void EndThinking()
    {
        _thinking = false;
        _space = "";
        _trim = true;
        _begun = false;
    }

    private (int At, string? Marker) Find(string text, int from)
    {
        int best = -1;
        string? marker = null;
        foreach (string one in _thinking ? _thinkingMarkers : _contentMarkers)
        {
            int at = one == ToolFamily.Beginning || _family.Preambles.Contains(one)
                ? AtBeginning(text, from, one) : text.IndexOf(one, from, StringComparison.Ordinal);
            if (at >= 0 && (best < 0 || at < best || (at == best && one.Length > marker!.Length)))
                (best, marker) = (at, one);
        }
        return (best, marker);
    }

    /// <summary>Whether what is there may yet become a longer marker.</summary>
    private bool MayGrow(ReadOnlySpan<char> text, string marker)
    {
        foreach (string longer in _thinking ? _thinkingMarkers : _contentMarkers)
        {
            if (longer.Length > marker.Length && longer.Length > text.Length && longer.AsSpan().StartsWith(text))
                return true;
        }
        return false;
    }

    private int AtBeginning(string text, int from, string marker)
    {
        if (_begun)
            return -1;
        int first = JsonScan.SkipSpace(text, from);
        return first < text.Length && text.AsSpan(first).StartsWith(marker) ? first : -1;
    }

    /// <summary>How much of the end may yet become a marker.</summary>
    private int HeldBack(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string marker in _thinking ? _thinkingMarkers : _contentMarkers)
        {
            for (int length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(marker.AsSpan(0, length)))
                    longest = length;
            }
        }
        return longest;
    }

    private void Tell(string text, int place, List<AnswerPiece> into)
    {
        int end = _done + place + text.Length;
        if (_trim)
            text = text.TrimStart();
        if (text.Length == 0)
            return;
        _trim = false;
        text = _space + text;
        string kept = _thinking || _holdsSpace ? text.TrimEnd() : text;
        _space = text[kept.Length..];
        if (kept.Length == 0)
            return;
        if (_thinking)
        {
            into.Add(new AnswerPiece.Thinking(kept));
            return;
        }
        _begun |= kept.AsSpan().Trim().Length > 0;
        int behind = end - _space.Length;
        into.Add(new AnswerPiece.Content(kept, behind - kept.Length, behind));
    }
}
