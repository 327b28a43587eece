using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Reads values that models write as in Python or JavaScript, and gives them as JSON.</summary>
/// <remarks>
/// Texts in either kind of quotes, <c>True</c>, <c>None</c> and their like, keys without quotes. Every value ends where
/// it is whole: null means that more must come, and a <see cref="FormatException"/> that it is none.
/// </remarks>
internal ref struct LooseValues(ReadOnlySpan<char> text, int at, string quote = "")
{
    private const int Deepest = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private int _depth;

    /// <summary>Where it reads.</summary>
    public int At { get; private set; } = at;

    /// <summary>Moves behind a character.</summary>
    /// <returns>Whether it was there; null where the text ends.</returns>
    public bool? Take(char expected)
    {
        SkipSpace();
        if (At >= _text.Length)
            return null;
        if (_text[At] != expected)
            return false;
        At++;
        return true;
    }

    /// <summary>A name; null where it may go on.</summary>
    public string? Name()
    {
        SkipSpace();
        int begin = At;
        while (At < _text.Length && (char.IsLetterOrDigit(_text[At]) || _text[At] is '_' or '.' or '-'))
            At++;
        return At == _text.Length ? null : At > begin ? _text[begin..At].ToString() : throw new FormatException();
    }

    /// <summary>A value as JSON; null where more must come.</summary>
    public string? Value()
    {
        SkipSpace();
        if (At >= _text.Length)
            return null;
        if (quote.Length > 0 && _text[At..].StartsWith(quote))
            return Quoted(quote);
        switch (_text[At])
        {
            case '"' or '\'':
                return Text() is { } text ? JsonSerializer.Serialize(text, JsonScan.Relaxed) : null;
            case '[':
                return List();
            case '{':
                At++;
                return Object('}');
            default:
                if (quote.Length > 0 && quote.AsSpan().StartsWith(_text[At..]))
                    return null;
                return Word();
        }
    }

    /// <summary>Keys and values from here up to a closing character, as a JSON object; null where more must come.</summary>
    /// <param name="close">What closes it.</param>
    /// <param name="separator">Between key and value.</param>
    public string? Object(char close, char separator = ':')
    {
        Enter();
        var json = new StringBuilder("{");
        while (true)
        {
            if (Take(close) is not { } closed)
                return null;
            if (closed)
                return Leave(json.Append('}').ToString());
            if (json.Length > 1)
            {
                if (Take(',') is not { } comma)
                    return null;
                if (!comma)
                    throw new FormatException();
                json.Append(", ");
            }
            if (Member(separator) is not { } member)
                return null;
            json.Append(member);
        }
    }

    private string? Member(char separator)
    {
        SkipSpace();
        if (At >= _text.Length)
            return null;
        string? key = quote.Length > 0 && _text[At..].StartsWith(quote) ? JsonSerializer.Deserialize<string>(Quoted(quote) ?? "null")
            : _text[At] is '"' or '\'' ? Text() : Name();
        if (key is null || Take(separator) is not { } there)
            return null;
        if (!there)
            throw new FormatException();
        return Value() is { } value ? $"{JsonSerializer.Serialize(key, JsonScan.Relaxed)}: {value}" : null;
    }

    private string? List()
    {
        At++;
        Enter();
        var json = new StringBuilder("[");
        while (true)
        {
            if (Take(']') is not { } closed)
                return null;
            if (closed)
                return Leave(json.Append(']').ToString());
            if (json.Length > 1)
            {
                if (Take(',') is not { } comma)
                    return null;
                if (!comma)
                    throw new FormatException();
                json.Append(", ");
            }
            if (Value() is not { } value)
                return null;
            json.Append(value);
        }
    }

    private string? Quoted(string mark)
    {
        int begin = At + mark.Length;
        int length = _text[begin..].IndexOf(mark);
        if (length < 0)
            return null;
        At = begin + length + mark.Length;
        return JsonSerializer.Serialize(_text.Slice(begin, length).ToString(), JsonScan.Relaxed);
    }

    private string? Text()
    {
        char end = _text[At];
        var text = new StringBuilder();
        for (int i = At + 1; i < _text.Length; i++)
        {
            char c = _text[i];
            if (c == end)
            {
                At = i + 1;
                return text.ToString();
            }
            if (c != '\\')
            {
                text.Append(c);
                continue;
            }
            if (++i == _text.Length)
                return null;
            if (_text[i] == 'u')
            {
                if (i + 4 >= _text.Length)
                    return null;
                text.Append(int.TryParse(_text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                    ? (char)code : throw new FormatException());
                i += 4;
                continue;
            }
            text.Append(_text[i] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\b',
                'f' => '\f',
                var other => other,
            });
        }
        return null;
    }

    private string? Word()
    {
        int begin = At;
        while (At < _text.Length && (char.IsLetterOrDigit(_text[At]) || _text[At] is '.' or '-' or '+' or '_'))
            At++;
        if (At == _text.Length)
            return null;
        string word = _text[begin..At].ToString();
        return word switch
        {
            "True" or "true" => "true",
            "False" or "false" => "false",
            "None" or "null" => "null",
            _ => JsonScan.IsValue(word) ? word : throw new FormatException(),
        };
    }

    private void SkipSpace() => At = JsonScan.SkipSpace(_text, At);

    private void Enter()
    {
        if (++_depth > Deepest)
            throw new FormatException();
    }

    private string Leave(string json)
    {
        _depth--;
        return json;
    }
}
