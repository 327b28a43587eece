using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Parsers.Calls;

/// <summary>The texts of calls with tags: each argument that a schema names, in its order, those not required perhaps.</summary>
internal static class TaggedGrammar
{
    private static readonly string[] TextKeys = ["type", "description", "title", "default", "examples", "$comment"];

    /// <exception cref="GrammarException">A schema cannot be held to in tags; the message names the tool.</exception>
    public static Grammar Of(TaggedCalls syntax, ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell)
    {
        var graph = new GrammarGraph();
        string line = syntax.OnLines ? "\n" : "";
        int closing = syntax.Section.Closing.Length > 0 ? graph.Add(Literal(line + syntax.Section.Closing), canEnd: true) : -1;
        var firsts = new List<int>();
        var ends = new List<int>();
        foreach (var tool in tools)
        {
            int first = graph.Add(Literal(Opening(syntax.Section.Opening, tool)));
            int again = graph.Add(Literal(Opening("", tool)));
            int end = graph.Add(Literal(syntax.Closer + syntax.Around.Closing), canEnd: closing < 0);
            if (closing >= 0)
                graph.Link(end, closing);
            graph.Begin(first);
            var open = new List<int> { first, again };
            foreach (var (name, schema, required) in Arguments(tool))
            {
                var (begin, last) = Argument(tool, name, schema);
                foreach (int before in open)
                    graph.Link(before, begin);
                if (required)
                    open.Clear();
                open.Add(last);
            }
            foreach (int before in open)
                graph.Link(before, end);
            firsts.Add(again);
            ends.Add(end);
        }
        if (!parallel)
            return graph;
        int between = graph.Add(Literal("\n"));
        foreach (int end in ends)
            graph.Link(end, between);
        foreach (int again in firsts)
            graph.Link(between, again);
        return graph;

        LiteralGrammar Literal(string text) => new(spell(text));

        string Opening(string section, ChatTool tool) =>
            section + (section.Length > 0 ? line : "") + syntax.Around.Opening + syntax.Opener + tool.Name + syntax.NameEnd + (syntax.NameEnd == "\n" ? "" : line);

        (int Begin, int Last) Argument(ChatTool tool, string name, JsonElement schema)
        {
            int begin = graph.Add(Literal(syntax.KeyOpener + name + syntax.KeyEnd + (syntax.ValueOpener.Length > 0 ? "\n" + syntax.ValueOpener : line)));
            string behind = line + syntax.ValueEnd + (syntax.ValueOpener.Length > 0 ? "\n" : line);
            if (CustomInput.GrammarOf(tool) is { } custom)
            {
                var plain = CustomInput.Plain(tool, custom, syntax.ValueEnd, "<![CDATA[");
                int input = graph.Add(plain), after = graph.Add(Literal(behind));
                graph.Link(begin, input);
                graph.Link(input, after);
                if (plain.Start.CanEnd)
                    graph.Link(begin, after);
                return (begin, after);
            }
            if (IsFreeText(schema))
            {
                int text = graph.Add(new UntilGrammar(spell(behind)));
                graph.Link(begin, text);
                return (begin, text);
            }
            int value = graph.Add(Value(tool, name, schema));
            int end = graph.Add(Literal(behind));
            graph.Link(begin, value);
            graph.Link(value, end);
            return (begin, end);
        }
    }

    private static Grammar Value(ChatTool tool, string name, JsonElement schema)
    {
        if (Choices(schema) is { } choices)
            return new LanguageGrammar(Language.OfTexts(choices));
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) &&
            type.ValueKind == JsonValueKind.String && !type.ValueEquals("string"))
            return JsonGrammar.OfSchema(schema.GetRawText(), new SchemaOptions { PlainIntegers = true });
        throw new GrammarException(
            $"the argument '{name}' of '{tool.Name}' has rules that this model's way of writing calls cannot be held to.");
    }

    /// <summary>Whether a value is a text: any, or one of some.</summary>
    /// <param name="schema">The value's schema.</param>
    /// <param name="choices">Those that it may be; null for any.</param>
    public static bool IsText(JsonElement schema, out IReadOnlyList<string>? choices) =>
        (choices = Choices(schema)) is not null || IsFreeText(schema);

    private static List<string>? Choices(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out var choice) &&
        choice.ValueKind == JsonValueKind.Array && choice.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. choice.EnumerateArray().Select(one => one.GetString()!)] : null;

    private static bool IsFreeText(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("string")
        && schema.EnumerateObject().All(key => TextKeys.Contains(key.Name));

    /// <summary>The arguments that a tool's schema names, in its order.</summary>
    public static IEnumerable<(string Name, JsonElement Schema, bool Required)> Arguments(ChatTool tool)
    {
        using var document = JsonDocument.Parse(tool.Parameters);
        var root = document.RootElement.Clone();
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("properties", out var properties) ||
            properties.ValueKind != JsonValueKind.Object)
            return [];
        HashSet<string> required = root.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)]
            : [];
        return properties.EnumerateObject().Select(property => (property.Name, property.Value, required.Contains(property.Name)));
    }
}
