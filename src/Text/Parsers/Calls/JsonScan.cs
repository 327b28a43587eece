using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Finds where a JSON value ends that is still being written.</summary>
internal static class JsonScan
{
    private const int Deepest = 128;

    /// <summary>Letters as themselves, as models write them.</summary>
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The place behind the object or array that begins here; 0 where it is not whole, −1 where none begins here.</summary>
    public static int End(ReadOnlySpan<char> text, int from)
    {
        if (from >= text.Length)
            return 0;
        if (text[from] is not ('{' or '['))
            return -1;
        int depth = 0;
        bool inText = false;
        for (int i = from; i < text.Length; i++)
        {
            char c = text[i];
            if (inText)
            {
                if (c == '\\')
                    i++;
                else if (c == '"')
                    inText = false;
            }
            else if (c == '"')
            {
                inText = true;
            }
            else if (c is '{' or '[')
            {
                if (++depth > Deepest)
                    return -1;
            }
            else if (c is '}' or ']' && --depth == 0)
            {
                return i + 1;
            }
        }
        return 0;
    }

    /// <summary>Whether a text is one JSON value and nothing else.</summary>
    public static bool IsValue(string text) => TryParse(text) is not null;

    /// <summary>The value; null where the text is none.</summary>
    public static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Deepest });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The place of the first character that is no white space.</summary>
    public static int SkipSpace(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && char.IsWhiteSpace(text[from]))
            from++;
        return from;
    }

    /// <summary>Whether a text goes on with another; null where it is too short to tell.</summary>
    public static bool? GoesOn(ReadOnlySpan<char> text, int from, string expected)
    {
        var rest = text[Math.Min(from, text.Length)..];
        return rest.StartsWith(expected) ? true : expected.AsSpan().StartsWith(rest) ? null : false;
    }
}
