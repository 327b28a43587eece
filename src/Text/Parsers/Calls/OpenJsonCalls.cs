namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls that are JSON, from the arguments of the first one on.</summary>
/// <param name="syntax">How they are written.</param>
/// <param name="tools">The tools that there are.</param>
/// <param name="isList">Whether they stand in a list.</param>
internal sealed class OpenJsonCalls(JsonCalls syntax, ToolTypes tools, bool isList) : OpenCall
{
    private OpenJson _json = new(syntax.Closer);
    private Place _place;

    private enum Place
    {
        Arguments,
        BehindArguments,
        Members, // what else the call's object holds
        BehindCall,
        End,
    }

    /// <inheritdoc/>
    public override int Read(string text, bool last, List<AnswerPiece> into)
    {
        int at = 0;
        while (!IsRead && Step(text, ref at, last, into))
        {
        }
        return at;
    }

    /// <summary>Reads to the next place.</summary>
    /// <returns>Whether it is reached.</returns>
    private bool Step(string text, ref int at, bool last, List<AnswerPiece> into)
    {
        switch (_place)
        {
            case Place.Arguments or Place.Members:
                int read = _json.Read(text.AsSpan(at), last);
                if (read > 0 && _place == Place.Arguments)
                    into.Add(new AnswerPiece.More(text.Substring(at, read)));
                at += read;
                if (!_json.HasEnded)
                    return false;
                _place = _place == Place.Arguments ? Place.BehindArguments : Place.BehindCall;
                return true;
            case Place.BehindArguments:
                return BehindArguments(text, ref at, last);
            case Place.BehindCall when isList:
                return BehindCall(text, ref at, into);
            case Place.BehindCall:
                _place = Place.End;
                return true;
            default:
                int end = syntax.Close(text, at, last);
                if (end < 0)
                    return false;
                at = end;
                into.Add(new AnswerPiece.More("", IsLast: true));
                IsRead = true;
                return true;
        }
    }

    private bool BehindArguments(string text, ref int at, bool last)
    {
        int next = JsonScan.SkipSpace(text, at);
        int member = next < text.Length && text[next] == ',' ? JsonScan.SkipSpace(text, next + 1) : next;
        if (member == text.Length)
        {
            at = last ? member : at;
            return false;
        }
        if (member > next && text[member] == '"')
        {
            (at, _place, _json) = (member, Place.Members, new OpenJson(syntax.Closer, depth: 1));
            return true;
        }
        if (text[next] == '}')
            at = next + 1;
        _place = Place.BehindCall; // some models forget the bracket
        return true;
    }

    private bool BehindCall(string text, ref int at, List<AnswerPiece> into)
    {
        int next = JsonScan.SkipSpace(text, at);
        if (next == text.Length)
            return false;
        if (text[next] != ',')
        {
            at = text[next] == ']' ? next + 1 : at;
            _place = Place.End;
            return true;
        }
        next = JsonScan.SkipSpace(text, next + 1);
        int head = JsonHead.Read(text, next, syntax.Keyed, tools, out var call);
        if (head > 0)
        {
            into.Add(call!);
            (at, _place, _json) = (head, Place.Arguments, new OpenJson(syntax.Closer));
            return true;
        }
        int end = head == 0 ? 0 : JsonScan.End(text, next);
        if (end == 0)
            return false;
        if (end > 0 && syntax.ReadCalls(text[next..end], tools) is { Count: 1 } whole)
        {
            into.Add(whole[0] with { IsWhole = false });
            at = end;
            return true;
        }
        _place = Place.End; // what follows is no call
        return true;
    }
}
