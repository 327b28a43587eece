namespace Causerie.Text.Grammars.Expressions;

/// <summary>Makes a deterministic automaton of an expression: Thompson's construction, then sets of states.</summary>
internal sealed class AutomatonBuilder
{
    private const int MostNodes = 60_000;
    private const int MostStates = 20_000;

    private readonly List<CodePoints> _sets = [];
    private readonly Dictionary<CodePoints, int> _setNumbers = [];
    private readonly List<Node> _nodes = [];
    private int _made;

    private enum Kind
    {
        Free,
        OfSet,
        AtStart,
        AtEnd,
    }

    public static Language Build(Expression expression)
    {
        var builder = new AutomatonBuilder();
        int accept = builder.Add(new Node());
        int start = builder.Into(expression, accept);
        return builder.Determine(start, accept);
    }

    /// <summary>Nodes that match an expression and go on at <paramref name="next"/>.</summary>
    private int Into(Expression expression, int next)
    {
        if (++_made > MostNodes)
            throw TooLarge(); // repetitions of nothing add no node and still take time
        switch (expression)
        {
            case Expression.Set set:
                if (!_setNumbers.TryGetValue(set.Points, out int number))
                {
                    _setNumbers.Add(set.Points, number = _sets.Count);
                    _sets.Add(set.Points);
                }
                return Add(new Node { Kind = Kind.OfSet, Set = number, Next = next });
            case Expression.Sequence sequence:
                for (int i = sequence.Parts.Count - 1; i >= 0; i--)
                    next = Into(sequence.Parts[i], next);
                return next;
            case Expression.Choice choice:
                return Add(new Node { Ways = [.. choice.Alternatives.Select(one => Into(one, next))] });
            case Expression.Repeat repeat:
                return Repeated(repeat, next);
            case Expression.Start:
                return Add(new Node { Kind = Kind.AtStart, Next = next });
            case Expression.End:
                return Add(new Node { Kind = Kind.AtEnd, Next = next });
            default:
                throw new ArgumentOutOfRangeException(nameof(expression));
        }
    }

    private int Repeated(Expression.Repeat repeat, int next)
    {
        if (repeat.Most is null)
        {
            int loop = Add(new Node());
            _nodes[loop].Ways = [Into(repeat.Body, loop), next];
            next = loop;
        }
        else
        {
            for (int i = repeat.Least; i < repeat.Most; i++)
                next = Add(new Node { Ways = [Into(repeat.Body, next), next] });
        }
        for (int i = 0; i < repeat.Least; i++)
            next = Into(repeat.Body, next);
        return next;
    }

    private int Add(Node node)
    {
        if (_nodes.Count >= MostNodes)
            throw TooLarge();
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private static GrammarException TooLarge() => new($"a pattern needs more than {MostNodes} nodes.");

    private Language Determine(int start, int accept)
    {
        var alphabet = Alphabet.Of(_sets);
        int[][] classesOf = [.. _sets.Select(set => alphabet.ClassesOf(set).ToArray())];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var states = new List<int[]>();
        var next = new List<int>();
        State(Closure([start], atStart: true));
        for (int i = 0; i < states.Count; i++)
        {
            var ways = new HashSet<int>?[alphabet.Classes];
            foreach (int node in states[i].Where(node => _nodes[node].Kind == Kind.OfSet))
            {
                foreach (int one in classesOf[_nodes[node].Set])
                    (ways[one] ??= []).Add(_nodes[node].Next);
            }
            foreach (var way in ways)
                next.Add(way is null ? Language.Dead : State(Closure(way, atStart: false)));
        }
        return Language.Make(alphabet, [.. next], [.. states.Select((_, i) => Ends(states[i], accept))]);

        int State(int[] nodes)
        {
            string key = string.Join(',', nodes);
            if (known.TryGetValue(key, out int state))
                return state;
            if (states.Count >= MostStates)
                throw new GrammarException($"a pattern needs more than {MostStates} states.");
            known.Add(key, states.Count);
            states.Add(nodes);
            return states.Count - 1;
        }
    }

    /// <summary>Nodes that are reached without a code point, sorted; ends of the text are not passed.</summary>
    private int[] Closure(IEnumerable<int> nodes, bool atStart) => Reach(nodes, kind => kind == Kind.AtStart && atStart);

    /// <summary>Whether the text may end in these nodes.</summary>
    private bool Ends(int[] nodes, int accept) => Reach(nodes, kind => kind == Kind.AtEnd).Contains(accept);

    private int[] Reach(IEnumerable<int> nodes, Func<Kind, bool> passes)
    {
        var reached = new SortedSet<int>();
        var open = new Stack<int>(nodes);
        while (open.TryPop(out int node))
        {
            if (!reached.Add(node))
                continue;
            var its = _nodes[node];
            foreach (int way in its.Ways)
                open.Push(way);
            if (passes(its.Kind))
                open.Push(its.Next);
        }
        return [.. reached];
    }

    private sealed class Node
    {
        public Kind Kind { get; init; }

        public int Set { get; init; }

        public int Next { get; init; }

        public int[] Ways { get; set; } = [];
    }
}
