using System.Text.Json;
using Causerie.Tests;

namespace Causerie.Conformance.Schemas;

/// <summary>OpenAI's own description of its API, and a checker for the part of JSON Schema that it uses.</summary>
internal sealed class SpecSchema
{
    private readonly JsonElement _schemas;

    private SpecSchema(JsonElement document) =>
        _schemas = document.GetProperty("components").GetProperty("schemas");

    /// <summary>The specification in the conformance data; skips the calling test where it is absent.</summary>
    public static SpecSchema OpenAi()
    {
        string path = ConformanceData.Require("api-specs/openai/openapi.json");
        return new SpecSchema(JsonDocument.Parse(File.ReadAllBytes(path)).RootElement);
    }

    /// <summary>What is wrong with <paramref name="value"/> as the schema called <paramref name="name"/>.</summary>
    public IReadOnlyList<string> Check(string name, JsonElement value)
    {
        var errors = new List<string>();
        Check(_schemas.GetProperty(name), value, name, errors);
        return errors;
    }

    // Properties that another part of an allOf has are known, too.
    private void Check(JsonElement schema, JsonElement value, string path, List<string> errors, HashSet<string>? known = null)
    {
        if (value.ValueKind == JsonValueKind.Null && Flag(schema, "nullable"))
            return;
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(_schemas.GetProperty(reference.GetString()!.Split('/')[^1]), value, path, errors, known);
            return;
        }

        foreach (string choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out var options) && !options.EnumerateArray().Any(o => Fits(o, value)))
                errors.Add($"{path}: fits none of {choice}; nearest: {Nearest(options, value)}");
        }

        if (schema.TryGetProperty("allOf", out var parts))
        {
            known = [.. known ?? [], .. Names(schema)];
            foreach (var part in parts.EnumerateArray())
                Check(part, value, path, errors, known);
        }

        if (schema.TryGetProperty("type", out var type) && !IsOf(type.GetString()!, value))
        {
            errors.Add($"{path}: is {value.ValueKind}, not {type.GetString()}");
            return;
        }

        if (schema.TryGetProperty("enum", out var allowed)
            && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            string names = string.Join(", ", allowed.EnumerateArray().Select(one => one.GetRawText()));
            errors.Add($"{path}: {value.GetRawText()} is none of [{names}]");
        }

        if (value.ValueKind == JsonValueKind.Object)
            CheckObject(schema, value, path, errors, known);
        else if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            CheckItems(items, value, path, errors);
    }

    private void CheckObject(JsonElement schema, JsonElement value, string path, List<string> errors, HashSet<string>? known)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                    errors.Add($"{path}: '{name.GetString()}' is missing");
            }
        }

        if (!schema.TryGetProperty("properties", out var properties))
            return;
        foreach (var property in value.EnumerateObject())
        {
            if (properties.TryGetProperty(property.Name, out var inner))
                Check(inner, property.Value, $"{path}.{property.Name}", errors);
            else if (known?.Contains(property.Name) != true)
                errors.Add($"{path}: '{property.Name}' is not in the specification");
        }
    }

    private IEnumerable<string> Names(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Names(_schemas.GetProperty(reference.GetString()!.Split('/')[^1]));
        var own = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(property => property.Name) : [];
        return schema.TryGetProperty("allOf", out var parts) ? own.Concat(parts.EnumerateArray().SelectMany(Names)) : own;
    }

    private void CheckItems(JsonElement items, JsonElement value, string path, List<string> errors)
    {
        int i = 0;
        foreach (var item in value.EnumerateArray())
            Check(items, item, $"{path}[{i++}]", errors);
    }

    private string Nearest(JsonElement options, JsonElement value)
    {
        var all = options.EnumerateArray().Select(option =>
        {
            var errors = new List<string>();
            Check(option, value, "", errors);
            return errors;
        }).MinBy(errors => errors.Count);
        return string.Join("; ", all ?? []);
    }

    private bool Fits(JsonElement schema, JsonElement value)
    {
        var errors = new List<string>();
        Check(schema, value, "", errors);
        return errors.Count == 0;
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"The checker does not know the type '{type}'."),
    };

    private static bool Flag(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
