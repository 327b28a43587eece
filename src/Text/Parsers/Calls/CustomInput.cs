using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Parsers.Calls;

/// <summary>What the text is held to that a custom tool is called with.</summary>
internal static class CustomInput
{
    /// <summary>The grammar of a tool's text; null where it has none.</summary>
    /// <exception cref="GrammarException">It is malformed or cannot be enforced; the message names the tool.</exception>
    public static Grammar? GrammarOf(ChatTool tool)
    {
        try
        {
            return tool.Input is { } input ? GrammarFormat.Read(input.Kind, input.Source) : null;
        }
        catch (GrammarException e)
        {
            throw new GrammarException($"the grammar of '{tool.Name}': {e.Message}", e);
        }
    }

    /// <summary>The arguments as JSON: an object whose only member is the text.</summary>
    public static GrammarGraph InJson(Grammar input)
    {
        var graph = new GrammarGraph();
        int open = graph.Add(new LiteralGrammar("{\"input\": \""u8.ToArray()));
        int text = graph.Add(new JsonStringGrammar(input));
        graph.Begin(open);
        graph.Link(open, text);
        graph.Link(text, graph.Add(new LiteralGrammar("}"u8.ToArray()), canEnd: true));
        return graph;
    }

    /// <summary>The text as it stands, where it must not hold what would end it.</summary>
    /// <exception cref="GrammarException">That cannot be kept out of this grammar's texts, or none is left.</exception>
    public static Grammar Plain(ChatTool tool, Grammar input, params ReadOnlySpan<string> ends)
    {
        if (input is not LanguageGrammar regular)
            throw new GrammarException($"the grammar of '{tool.Name}' cannot be held to in this model's way of writing calls; a regular expression can.");
        foreach (string end in ends)
            regular = regular.Without(end);
        return regular;
    }
}
