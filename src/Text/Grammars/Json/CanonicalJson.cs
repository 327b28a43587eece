using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Text.Grammars.Json;

/// <summary>One text for all spellings of a JSON value: members sorted, numbers by their value.</summary>
internal static class CanonicalJson
{
    /// <summary>The text.</summary>
    public static string Of(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray array => "[" + string.Join(',', array.Select(Of)) + "]",
        JsonObject o => "{" + string.Join(',', o.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => Quoted(pair.Key) + ":" + Of(pair.Value))) + "}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.Number => Rational.Parse(value.ToJsonString()).ToString(),
            JsonValueKind.String => Quoted(value.GetValue<string>()),
            JsonValueKind.True => "true",
            _ => "false",
        },
    };

    private static string Quoted(string text) => "\"" + JavaScriptEncoder.Default.Encode(text) + "\"";
}
