using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;
using Causerie.Text.Parsers.Calls;

namespace Causerie.Text.Parsers;

/// <summary>How a family of models writes its thinking and its calls; a new one is one new subclass, found by itself.</summary>
public abstract class ToolFamily
{
    /// <summary>The marker of a call that may only stand where an answer begins.</summary>
    internal const string Beginning = "";

    private static readonly ImmutableArray<ToolFamily> All =
    [
        .. typeof(ToolFamily).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ToolFamily)) && !type.IsAbstract)
            .Select(type => (ToolFamily)Activator.CreateInstance(type, nonPublic: true)!)
            .OrderBy(family => family.Order).ThenBy(family => family.Name, StringComparer.Ordinal),
    ];

    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Asked before those with a larger one: the more particular first.</summary>
    public virtual int Order => 0;

    /// <summary>What begins thinking.</summary>
    internal virtual ImmutableArray<string> ThinkBegins => ["<think>"];

    /// <summary>What ends it.</summary>
    internal virtual ImmutableArray<string> ThinkEnds => ["</think>"];

    /// <summary>The ways in which it writes calls.</summary>
    internal abstract ImmutableArray<CallSyntax> Calls { get; }

    /// <summary>Markers around calls that say nothing.</summary>
    internal virtual ImmutableArray<string> Dropped => [];

    /// <summary>What may stand where an answer begins and says nothing.</summary>
    internal virtual ImmutableArray<string> Preambles => [];

    /// <summary>Whether white space between content and a call belongs to the call.</summary>
    internal virtual bool TrimsBeforeCalls => true;

    /// <summary>The family that a chat template is of; the last one takes those that no other knows.</summary>
    /// <param name="template">The template's source.</param>
    public static ToolFamily Of(string template) => All.First(family => family.Knows(template));

    /// <summary>The family of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ToolFamily Named(string name) => All.FirstOrDefault(family => family.Name == name)
        ?? throw new ArgumentException($"There is no family '{name}'; there are {string.Join(", ", All.Select(family => family.Name))}.", nameof(name));

    /// <summary>What the parser must see of control tokens; others are no part of an answer.</summary>
    public virtual IEnumerable<string> Markers =>
        [.. ThinkBegins, .. ThinkEnds, .. Dropped, .. Calls.SelectMany(call => call.Markers)];

    /// <summary>Takes an answer apart.</summary>
    /// <param name="tools">The tools that the model was offered.</param>
    /// <param name="prompt">The end of the rendered prompt.</param>
    public virtual AnswerParser NewParser(ImmutableArray<ChatTool> tools, string prompt) =>
        new MarkedParser(this, new ToolTypes(tools), prompt);

    /// <summary>Whether a template is of this family.</summary>
    protected abstract bool Knows(string template);

    /// <summary>Whether a call's opener ends thinking that was not closed.</summary>
    internal virtual bool EndsThinking(string opener) => false;

    /// <summary>Whether a prompt leaves the model in the middle of thinking.</summary>
    internal virtual bool PromptThinks(string prompt)
    {
        string end = prompt.TrimEnd();
        return ThinkBegins.Any(begin => begin.Length > 0 && end.EndsWith(begin, StringComparison.Ordinal));
    }

    /// <summary>The texts of one call or several, for answers that must be calls.</summary>
    /// <param name="tools">Those that may be called.</param>
    /// <param name="parallel">Whether there may be several.</param>
    /// <param name="spell">A text as grammars see it.</param>
    /// <exception cref="GrammarException">A tool's schema asks for what this family's way of writing cannot be held to.</exception>
    public virtual Grammar CallGrammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        Calls[0].Grammar(tools, parallel, spell);

    /// <summary>The texts of a free answer whose calls, where there are any, are held to something.</summary>
    /// <inheritdoc cref="Answer" path="/param"/>
    public virtual Grammar Free(Grammar calls, string prompt, string template, Func<string, byte[]> spell)
    {
        byte[] lead = spell(Calls[0].Lead);
        if (calls.After(lead) is not { } rest)
            throw new GrammarException("calls in this model's form cannot be held to their schemas.");
        var graph = new GrammarGraph();
        int free = graph.Add(new WithoutGrammar(lead), canEnd: true);
        int before = graph.Add(new UntilGrammar(lead));
        graph.Begin(free);
        graph.Begin(before);
        graph.Link(before, graph.Add(rest, canEnd: true));
        return Answer(graph, null, prompt, template, spell);
    }

    /// <summary>The texts of an answer that is held to something, thinking before it included.</summary>
    /// <param name="content">What the answer itself may be; null where it must be calls.</param>
    /// <param name="calls">What calls may be; null where there may be none.</param>
    /// <param name="prompt">The end of the rendered prompt.</param>
    /// <param name="template">The chat template, which tells whether the model thinks at all.</param>
    /// <param name="spell">A text as grammars see it.</param>
    public virtual Grammar Answer(
        Grammar? content, Grammar? calls, string prompt, string template, Func<string, byte[]> spell)
    {
        var graph = new GrammarGraph();
        bool thinks = PromptThinks(prompt);
        if (!thinks && !template.Contains(ThinkBegins[0], StringComparison.Ordinal))
        {
            foreach (var target in (ReadOnlySpan<Grammar?>)[content, calls])
                if (target is not null)
                    graph.Begin(graph.Add(target, canEnd: true));
            return graph;
        }
        int begin = graph.Add(new LiteralGrammar(spell(ThinkBegins[0])));
        int thinking = graph.Add(new UntilGrammar(spell(ThinkEnds[0])));
        int lines = graph.Add(new LiteralGrammar(spell("\n\n")));
        int line = graph.Add(new LiteralGrammar(spell("\n")));
        graph.Begin(thinks ? thinking : begin);
        graph.Link(begin, thinking);
        graph.Link(thinking, line);
        graph.Link(thinking, lines);
        foreach (var target in (ReadOnlySpan<Grammar?>)[content, calls])
        {
            if (target is null)
                continue;
            int part = graph.Add(target, canEnd: true);
            if (!thinks)
                graph.Begin(part);
            graph.Link(thinking, part);
            graph.Link(line, part);
            graph.Link(lines, part);
        }
        return graph;
    }
}
