using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.ContextFree;

/// <summary>A part of a rule's body: the places that read it and go on at another.</summary>
internal delegate Node Part(Node next);

/// <summary>Makes the places of a grammar's rules, and counts them.</summary>
internal sealed class NodeBuilder
{
    private const int MostNodes = 200_000;

    private int _made;

    /// <summary>Nothing.</summary>
    public static Part Empty { get; } = next => next;

    /// <summary>A code point of a set.</summary>
    public Part Points(CodePoints points) => next => Counted(new Node.Match(points, next));

    /// <summary>A rule.</summary>
    public Part Rule(Rule rule) => next => Call(rule, next);

    /// <summary>Parts one after the other.</summary>
    public static Part Sequence(IReadOnlyList<Part> parts) => next =>
    {
        for (int i = parts.Count - 1; i >= 0; i--)
            next = parts[i](next);
        return next;
    };

    /// <summary>One of several parts.</summary>
    public Part Choice(IReadOnlyList<Part> ways) => ways.Count == 1 ? ways[0] : next =>
    {
        var split = Counted(new Node.Split());
        foreach (var way in ways)
            split.Ways.Add(way(next));
        return split;
    };

    /// <summary>A part several times; int.MaxValue is without end.</summary>
    public Part Repeat(Part part, int least, int most) => next =>
    {
        Node after = next;
        if (most == int.MaxValue)
        {
            var loop = Counted(new Node.Split());
            loop.Ways.Add(part(loop));
            loop.Ways.Add(next);
            after = loop;
        }
        else
        {
            for (int i = least; i < most; i++)
            {
                var maybe = Counted(new Node.Split());
                maybe.Ways.Add(part(after));
                maybe.Ways.Add(next);
                after = maybe;
            }
        }
        for (int i = 0; i < least; i++)
            after = part(after);
        return after;
    };

    /// <summary>The place of a call.</summary>
    public Node Call(Rule rule, Node next) => Counted(new Node.Call(rule, next));

    /// <summary>The place of a gap.</summary>
    public Node Gap(Rule rule, Node next) => Counted(new Node.Gap(rule, next));

    /// <summary>A place from which several lead on.</summary>
    public Node Split(IEnumerable<Node> ways)
    {
        var split = Counted(new Node.Split());
        foreach (var way in ways)
        {
            Count();
            split.Ways.Add(way);
        }
        return split;
    }

    /// <summary>The places of an automaton: one for each of its states and each set of code points that leads on.</summary>
    /// <param name="language">The texts.</param>
    /// <returns>Where its texts that are not empty begin; each ends in a return.</returns>
    public Node Automaton(Language language)
    {
        var states = new Node.Split[language.States];
        for (int i = 0; i < states.Length; i++)
            states[i] = Counted(new Node.Split());
        for (int i = 0; i < states.Length; i++)
        {
            foreach (var (points, next) in language.Edges(i))
                states[i].Ways.Add(Counted(new Node.Match(points, states[next])));
        }
        var start = Counted(new Node.Split());
        start.Ways.AddRange(states[0].Ways);
        for (int i = 0; i < states.Length; i++)
        {
            if (language.Accepts(i))
                states[i].Ways.Add(Node.Return.Only);
        }
        return start;
    }

    private T Counted<T>(T node)
    {
        Count();
        return node;
    }

    private void Count()
    {
        if (++_made > MostNodes)
            throw new GrammarException($"the grammar's rules and repetitions make more than {MostNodes:N0} places.");
    }
}
