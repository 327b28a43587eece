using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Text.Parsers.Calls;

/// <summary>What the schemas of tools say of their arguments, for families that write values without quotes.</summary>
public sealed class ToolTypes
{
    private readonly Dictionary<string, Dictionary<string, bool>> _isText = new(StringComparer.Ordinal);

    /// <summary>Of these tools.</summary>
    public ToolTypes(ImmutableArray<ChatTool> tools)
    {
        foreach (var tool in tools)
        {
            var texts = new Dictionary<string, bool>(StringComparer.Ordinal);
            using var schema = JsonDocument.Parse(tool.Parameters);
            if (schema.RootElement.ValueKind == JsonValueKind.Object &&
                schema.RootElement.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in properties.EnumerateObject())
                    texts[property.Name] = IsText(property.Value);
            }
            _isText[tool.Name] = texts;
        }
    }

    /// <summary>Whether there are no tools.</summary>
    public bool IsEmpty => _isText.Count == 0;

    /// <summary>Whether there is a tool of that name.</summary>
    public bool Has(string tool) => _isText.ContainsKey(tool);

    /// <summary>A value that was written without quotes, as JSON: texts stay as they are, others are JSON already where they can be.</summary>
    public string ToJson(string tool, string key, string value)
    {
        bool known = _isText.TryGetValue(tool, out var texts) && texts.ContainsKey(key);
        if ((known && texts![key]) || !JsonScan.IsValue(value))
            return JsonSerializer.Serialize(value, JsonScan.Relaxed);
        return value.Trim();
    }

    // Of a type that has texts: as long as none of the others could read it.
    private static bool IsText(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return false;
        if (schema.TryGetProperty("type", out var type))
        {
            return type.ValueKind == JsonValueKind.String ? type.ValueEquals("string")
                : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals("string"));
        }
        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
            return values.EnumerateArray().All(value => value.ValueKind is JsonValueKind.String);
        foreach (string several in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(several, out var options) && options.ValueKind == JsonValueKind.Array)
                return options.EnumerateArray().Any(IsText);
        }
        return schema.TryGetProperty("const", out var only) && only.ValueKind == JsonValueKind.String;
    }
}
