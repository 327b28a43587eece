using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Custom tools, which are called with a text: for a model they are functions whose only argument is that text.</summary>
internal static class CustomTools
{
    /// <summary>One custom tool: name, description, format.</summary>
    /// <param name="custom">It.</param>
    /// <param name="flat">Whether all of it stands beside its type, as in the Responses API.</param>
    public static ChatTool Read(JsonField custom, bool flat)
    {
        string? name = null, description = null;
        AnswerGrammar? grammar = null;
        foreach (var (key, field) in custom.Entries())
        {
            if (key == "name")
                name = ResponseFormats.NameOf(field);
            else if (key == "description")
                description = field.IsNull ? null : field.String();
            else if (key == "format")
                grammar = field.IsNull ? null : Format(field, flat);
            else if (key != "type" || !flat)
                throw field.Unknown();
        }

        return new ChatTool(name ?? throw JsonField.Missing($"{custom.Path}.name"), Parameters(grammar))
        {
            Description = description,
            IsCustom = true,
            Input = grammar,
            Strict = grammar is not null,
        };
    }

    /// <summary>A grammar by its syntax and definition.</summary>
    /// <param name="grammar">An object of both.</param>
    /// <param name="syntaxes">Those that are taken.</param>
    public static AnswerGrammar Grammar(JsonField grammar, params ReadOnlySpan<string> syntaxes)
    {
        JsonField? syntax = null, definition = null;
        foreach (var (key, field) in grammar.Entries())
        {
            if (key == "syntax")
                syntax = field;
            else if (key == "definition")
                definition = field;
            else if (key != "type")
                throw field.Unknown();
        }

        var kind = syntax ?? throw JsonField.Missing($"{grammar.Path}.syntax");
        if (!syntaxes.Contains(kind.String()))
            throw kind.Refuse($"'{kind.String()}' is no syntax of grammars; there are '{string.Join("', '", syntaxes.ToArray())}'.", "invalid_value");
        var source = definition ?? throw JsonField.Missing($"{grammar.Path}.definition");
        return source.String().Length > 0 ? new AnswerGrammar(kind.String(), source.String())
            : throw source.Refuse($"'{source.Path}' must not be an empty text.", "empty_string");
    }

    /// <summary>The arguments, as a model writes them, of a call with a text.</summary>
    public static string Arguments(string input) => new JsonObject { ["input"] = input }.ToJsonString(Json.Options);

    private static AnswerGrammar? Format(JsonField format, bool flat)
    {
        JsonField? type = null, grammar = null;
        foreach (var (key, field) in format.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "grammar" && !flat)
                grammar = field;
            else if (!flat || key is not ("syntax" or "definition"))
                throw field.Unknown();
        }

        var kind = type ?? throw JsonField.Missing($"{format.Path}.type");
        switch (kind.String())
        {
            case "text" when grammar is null && format.Value.EnumerateObject().Count() == 1:
                return null;
            case "text":
                throw format.Refuse($"'{format.Path}' has a grammar, for which its type must be 'grammar'.", "invalid_value");
            case "grammar":
                return Grammar(flat ? format : grammar ?? throw JsonField.Missing($"{format.Path}.grammar"), "lark", "regex");
            default:
                throw kind.Refuse($"'{kind.String()}' is no format; the formats are 'text' and 'grammar'.", "invalid_value");
        }
    }

    // The model is told of the grammar, too: held to one that it does not know it would write what it does not mean.
    private static string Parameters(AnswerGrammar? grammar)
    {
        var input = new JsonObject { ["type"] = "string" };
        if (grammar is not null)
            input["description"] = $"Of this {(grammar.Kind == "lark" ? "Lark grammar" : "regular expression")}:\n{grammar.Source}";
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["input"] = input },
            ["required"] = new JsonArray("input"),
            ["additionalProperties"] = false,
        }.ToJsonString(Json.Options);
    }
}
