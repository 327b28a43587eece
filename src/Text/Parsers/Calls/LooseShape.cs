using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Parsers.Calls;

/// <summary>The words around calls whose arguments stand key by key, as in Python: what <see cref="LooseValues"/> reads.</summary>
/// <param name="Opening">Before the first call.</param>
/// <param name="Between">Between two calls.</param>
/// <param name="Closing">Behind the last call.</param>
/// <param name="Open">Between a name and its arguments.</param>
/// <param name="Assign">Between a key and its value.</param>
/// <param name="Close">Behind the arguments.</param>
internal sealed record LooseShape(string Opening, string Between, string Closing, char Open, char Assign, char Close)
{
    /// <summary>What stands on both sides of a text; nothing where texts are JSON's.</summary>
    public string Quote { get; init; } = "";

    /// <summary>The texts of calls: each argument that a schema names, in its order, those not required perhaps.</summary>
    /// <exception cref="GrammarException">A schema cannot be held to in this form; the message names the tool.</exception>
    public Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell)
    {
        var graph = new GrammarGraph();
        int closing = graph.Add(Literal(Closing), canEnd: true);
        var agains = new List<int>();
        var ends = new List<int>();
        foreach (var tool in tools)
        {
            int first = graph.Add(Literal(Opening + tool.Name + Open)), again = graph.Add(Literal(Between + tool.Name + Open));
            int end = graph.Add(Literal(Close.ToString()));
            graph.Begin(first);
            graph.Link(end, closing);
            List<int> empty = [first, again], filled = [];
            foreach (var (name, schema, required) in TaggedGrammar.Arguments(tool))
            {
                var (opening, value, last) = Argument(tool, name, schema);
                int begin = graph.Add(Literal(opening)), next = graph.Add(Literal(", " + opening));
                graph.Link(begin, value);
                graph.Link(next, value);
                foreach (int before in empty)
                    graph.Link(before, begin);
                foreach (int before in filled)
                    graph.Link(before, next);
                if (required)
                {
                    empty.Clear();
                    filled.Clear();
                }
                filled.Add(last);
            }
            foreach (int before in empty.Concat(filled))
                graph.Link(before, end);
            agains.Add(again);
            ends.Add(end);
        }
        if (!parallel)
            return graph;
        foreach (int end in ends)
            foreach (int again in agains)
                graph.Link(end, again);
        return graph;

        LiteralGrammar Literal(string text) => new(spell(text));

        // What stands before the value, where the value begins, and its last part.
        (string Opening, int Value, int Last) Argument(ChatTool tool, string name, JsonElement schema)
        {
            if (name.Length == 0 || !name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-'))
                throw new GrammarException($"the argument '{name}' of '{tool.Name}' is no word, and this model's way of writing calls has no other keys.");
            string key = name + Assign;
            if (CustomInput.GrammarOf(tool) is { } custom)
                return Alone(key + '"', new JsonStringGrammar(custom));
            if (Quote.Length == 0 || !TaggedGrammar.IsText(schema, out var choices)
                || choices?.Any(one => one.Length == 0 || one.Contains(Quote, StringComparison.Ordinal)) == true) // JSON's quotes hold them
                return Alone(key, Json(tool, name, schema));
            if (choices is null)
                return Alone(key + Quote, new UntilGrammar(spell(Quote)));
            int choice = graph.Add(new LanguageGrammar(Language.OfTexts(choices))), quote = graph.Add(Literal(Quote));
            graph.Link(choice, quote);
            return (key + Quote, choice, quote);
        }

        (string Opening, int Value, int Last) Alone(string opening, Grammar value)
        {
            int node = graph.Add(value);
            return (opening, node, node);
        }
    }

    private static JsonGrammar Json(ChatTool tool, string name, JsonElement schema)
    {
        try
        {
            return JsonGrammar.OfSchema(schema.GetRawText(), new SchemaOptions { PlainIntegers = true });
        }
        catch (GrammarException) when (!tool.Strict)
        {
            return JsonGrammar.OfSchema("true"); // what the schema says was only told to the model
        }
        catch (GrammarException e)
        {
            throw new GrammarException($"the argument '{name}' of '{tool.Name}': {e.Message}", e);
        }
    }
}
