using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads <c>metadata</c>: a few texts by name, which are kept and given back.</summary>
internal static class Metadata
{
    private const int Most = 16;
    private const int LongestName = 64;
    private const int LongestValue = 512;

    /// <summary>The texts.</summary>
    /// <exception cref="RejectedException">There are too many, or one is too long or no text.</exception>
    public static JsonObject Read(JsonField metadata)
    {
        var read = new JsonObject();
        foreach (var (key, field) in metadata.Entries())
        {
            if (read.Count == Most)
                throw metadata.Refuse($"'{metadata.Path}' may have at most {Most} entries.", "object_above_max_properties");
            if (key.Length > LongestName)
                throw metadata.Refuse($"Names in '{metadata.Path}' may have at most {LongestName} characters.", "string_above_max_length");
            if (field.String().Length > LongestValue)
                throw field.Refuse($"'{field.Path}' may have at most {LongestValue} characters.", "string_above_max_length");
            read[key] = field.String();
        }

        return read;
    }
}
