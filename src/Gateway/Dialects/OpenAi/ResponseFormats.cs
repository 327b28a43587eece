using System.Text.Json;
using System.Text.RegularExpressions;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads what an answer is to be held to.</summary>
internal static partial class ResponseFormats
{
    /// <summary>Of <c>response_format</c>; null where the answer is free.</summary>
    public static AnswerGrammar? Read(JsonField format)
    {
        JsonField? type = null, schema = null;
        var others = new List<JsonField>();
        foreach (var (key, field) in format.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "json_schema" && !field.IsNull)
                schema = field;
            else if (!field.IsNull)
                others.Add(field);
        }

        var kind = type ?? throw JsonField.Missing($"{format.Path}.type");
        foreach (var other in others)
            throw other.Unknown();
        if (schema is { } misplaced && kind.String() != "json_schema")
            throw misplaced.Refuse($"'{misplaced.Path}' needs '{kind.Path}' to be 'json_schema'.", "invalid_value");
        return kind.String() switch
        {
            "text" => null,
            "json_object" => AnswerGrammar.JsonObject,
            "json_schema" => Named(schema ?? throw JsonField.Missing($"{format.Path}.json_schema")),
            var unknown => throw kind.Refuse(
                $"'{unknown}' is no format; the formats are 'text', 'json_object' and 'json_schema'.", "invalid_value"),
        };
    }

    /// <summary>Of a schema alone.</summary>
    public static AnswerGrammar Schema(JsonField schema) =>
        schema.Value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False
            ? AnswerGrammar.OfSchema(schema.Value.GetRawText())
            : throw schema.WrongType("a JSON Schema");

    /// <summary>Of a grammar: in GBNF, or in the syntax that it names.</summary>
    public static AnswerGrammar Grammar(JsonField grammar)
    {
        if (grammar.Value.ValueKind == JsonValueKind.Object)
            return CustomTools.Grammar(grammar, "gbnf", "lark", "regex");
        return grammar.String().Length > 0 ? new AnswerGrammar("gbnf", grammar.String())
            : throw grammar.Refuse($"'{grammar.Path}' must not be an empty text.", "empty_string");
    }

    /// <summary>Of a list of texts.</summary>
    public static AnswerGrammar Choice(JsonField texts)
    {
        foreach (var text in texts.Items())
        {
            if (text.String().Length == 0)
                throw text.Refuse($"'{text.Path}' must not be an empty text.", "empty_string");
        }

        return new AnswerGrammar("choice", texts.Value.GetRawText());
    }

    /// <summary>A schema with a name, as <c>json_schema</c> and functions have it.</summary>
    /// <exception cref="RejectedException">A field is missing, unknown or malformed.</exception>
    public static AnswerGrammar Named(JsonField named)
    {
        bool hasName = false;
        AnswerGrammar? schema = null;
        foreach (var (key, field) in named.Entries())
        {
            switch (key)
            {
                case "type" when named.Path == "text.format":
                    break;
                case "name":
                    hasName = NameOf(field).Length > 0;
                    break;
                case "schema" when !field.IsNull:
                    schema = Schema(field);
                    break;
                case "description" when !field.IsNull:
                    field.String();
                    break;
                case "strict" when !field.IsNull:
                    field.Boolean();
                    break;
                case "schema" or "description" or "strict":
                    break;
                default:
                    throw field.Unknown();
            }
        }

        return hasName ? schema ?? AnswerGrammar.OfSchema("{}") : throw JsonField.Missing($"{named.Path}.name");
    }

    /// <summary>A name of a schema or function.</summary>
    public static string NameOf(JsonField name) => NameForm().IsMatch(name.String())
        ? name.String()
        : throw name.Refuse($"'{name.Path}' must have 1 to 64 letters, digits, '_' or '-'.", "invalid_value");

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();
}
