using System.Text.Json;
using System.Text.Unicode;

namespace Causerie.Gateway.Dialects;

/// <summary>Parses request bodies strictly: UTF-8, standard JSON, no key twice, no broken characters.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 64;

    /// <summary>Parses <paramref name="body"/>; the caller disposes the document.</summary>
    /// <exception cref="JsonException">The body is not such JSON; a key given twice is in <c>Path</c>.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            throw new JsonException("the body is empty");
        if (!Utf8.IsValid(body.Span))
            throw new JsonException("the body is not valid UTF-8");
        var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
        try
        {
            CheckStrings(document.RootElement, "");
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    private static void CheckStrings(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in element.EnumerateObject())
                {
                    string name = Decode(() => property.Name, path);
                    string inner = path.Length == 0 ? name : $"{path}.{name}";
                    if (!seen.Add(name))
                        throw new JsonException($"the key '{inner}' is given twice", inner, null, null);
                    CheckStrings(property.Value, inner);
                }

                break;
            case JsonValueKind.Array:
                int i = 0;
                foreach (var item in element.EnumerateArray())
                    CheckStrings(item, $"{path}[{i++}]");
                break;
            case JsonValueKind.String:
                Decode(element.GetString, path);
                break;
        }
    }

    // Half a surrogate pair can be written with escapes in valid UTF-8; the reader only notices when it decodes.
    private static string Decode(Func<string?> read, string path)
    {
        try
        {
            return read()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException($"'{path}' holds half of a surrogate pair");
        }
    }
}
