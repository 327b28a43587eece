using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Takes the text of a custom tool's call out of its arguments while they come.</summary>
/// <remarks>Arguments that begin as they should are told letter by letter; what others hold is told when they are whole.</remarks>
internal sealed class CustomInputReader
{
    private readonly StringBuilder _arguments = new(); // once the text has begun, what was not told of it
    private int _at = -1; // behind what was told of the text; negative before its opening quote
    private bool _closed;

    /// <summary>The text of whole arguments.</summary>
    public static string Of(string arguments)
    {
        var reader = new CustomInputReader();
        return reader.Push(arguments) + reader.Finish();
    }

    /// <summary>Takes a piece of the arguments and gives what is known of the text by it.</summary>
    public string Push(string piece)
    {
        _arguments.Append(piece);
        string json = _arguments.ToString();
        if (_at < 0)
            _at = Begin(json);
        if (_at < 0 || _closed)
            return "";
        var text = new StringBuilder();
        while (_at < json.Length && !_closed && Next(json, text) is > 0 and var read)
            _at += read;
        _arguments.Remove(0, _at);
        _at = 0;
        return text.ToString();
    }

    /// <summary>The arguments are whole: what of the text was not told.</summary>
    public string Finish()
    {
        if (_at >= 0)
            return "";
        string json = _arguments.ToString();
        try
        {
            using var document = JsonDocument.Parse(json);
            var value = document.RootElement;
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("input", out var inner))
                value = inner;
            if (value.ValueKind == JsonValueKind.String)
                return value.GetString()!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // a model that was held to nothing wrote something else: all of it is the text
        }

        return json;
    }

    /// <summary>The place behind <c>{"input": "</c>; negative where that is not written, or not yet.</summary>
    private static int Begin(string json)
    {
        int at = 0;
        foreach (string word in (ReadOnlySpan<string>)["{", "\"input\"", ":", "\""])
        {
            while (at < json.Length && json[at] is ' ' or '\t' or '\n' or '\r')
                at++;
            if (!json.AsSpan(at).StartsWith(word))
                return -1;
            at += word.Length;
        }

        return at;
    }

    /// <summary>Reads one letter or escape.</summary>
    /// <returns>Characters read; 0 where more must come.</returns>
    private int Next(string json, StringBuilder text)
    {
        char c = json[_at];
        if (c == '"')
        {
            _closed = true;
            return 1;
        }

        if (c != '\\')
        {
            text.Append(c);
            return 1;
        }

        if (_at + 1 == json.Length)
            return 0;
        char kind = json[_at + 1];
        if (kind != 'u')
        {
            text.Append(kind switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => kind });
            return 2;
        }

        if (_at + 6 > json.Length)
            return 0;
        if (!ushort.TryParse(json.AsSpan(_at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            text.Append(kind);
            return 2;
        }

        // The halves of a pair are told together, and a half alone is no character.
        if (!char.IsSurrogate((char)code))
        {
            text.Append((char)code);
            return 6;
        }

        if (char.IsHighSurrogate((char)code) && json.Length < _at + 12 && "\\u".AsSpan().StartsWith(json.AsSpan(_at + 6, Math.Min(2, json.Length - _at - 6))))
            return 0;
        bool paired = char.IsHighSurrogate((char)code) && json.Length >= _at + 12 && json.AsSpan(_at + 6).StartsWith("\\u")
            && ushort.TryParse(json.AsSpan(_at + 8, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort low) && Append(text, code, low);
        if (paired)
            return 12;
        text.Append('\uFFFD');
        return 6;
    }

    private static bool Append(StringBuilder text, ushort high, ushort low)
    {
        if (!char.IsLowSurrogate((char)low))
            return false;
        text.Append((char)high).Append((char)low);
        return true;
    }
}
