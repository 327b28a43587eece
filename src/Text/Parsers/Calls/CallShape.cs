using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Parsers.Calls;

/// <summary>The words around a call whose arguments are JSON.</summary>
/// <param name="Begin">Before the name.</param>
/// <param name="Middle">Between name and arguments.</param>
/// <param name="End">Behind the arguments.</param>
internal sealed record CallShape(string Begin, string Middle, string End)
{
    /// <summary>Before the first call.</summary>
    public string Opening { get; init; } = "";

    /// <summary>Between two calls; null where there can only be one.</summary>
    public string? Between { get; init; } = "";

    /// <summary>Behind the last call.</summary>
    public string Closing { get; init; } = "";

    /// <summary>The texts of calls.</summary>
    /// <exception cref="GrammarException">A tool's schema cannot be enforced; the message names the tool.</exception>
    public Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell)
    {
        var graph = new GrammarGraph();
        bool closes = Closing.Length > 0;
        int closing = closes ? graph.Add(new LiteralGrammar(spell(Closing)), canEnd: true) : -1;
        var begins = new List<(int First, int Again)>();
        var ends = new List<int>();
        foreach (var tool in tools)
        {
            int first = graph.Add(new LiteralGrammar(spell(Opening + Begin + tool.Name + Middle)));
            int again = graph.Add(new LiteralGrammar(spell(Between + Begin + tool.Name + Middle)));
            int arguments = graph.Add(Arguments(tool), canEnd: End.Length == 0 && !closes);
            graph.Begin(first);
            graph.Link(first, arguments);
            graph.Link(again, arguments);
            int end = arguments;
            if (End.Length > 0)
                graph.Link(arguments, end = graph.Add(new LiteralGrammar(spell(End)), canEnd: !closes));
            if (closes)
                graph.Link(end, closing);
            begins.Add((first, again));
            ends.Add(end);
        }
        if (!parallel || Between is null)
            return graph;
        foreach (int end in ends)
            foreach (var (_, again) in begins)
                graph.Link(end, again);
        return graph;
    }

    private static Grammar Arguments(ChatTool tool)
    {
        if (CustomInput.GrammarOf(tool) is { } input)
            return CustomInput.InJson(input);
        try
        {
            return JsonGrammar.OfSchema(tool.Parameters, new SchemaOptions { PlainIntegers = true });
        }
        catch (GrammarException) when (!tool.Strict)
        {
            return JsonGrammar.OfSchema("""{"type":"object"}"""); // what the schema says was only told to the model
        }
        catch (GrammarException e)
        {
            throw new GrammarException($"the parameters of '{tool.Name}': {e.Message}", e);
        }
    }
}
