namespace Causerie.Text.Grammars.ContextFree;

/// <summary>Rewrites rules that begin with themselves so that none does; their texts stay the same.</summary>
/// <remarks>
/// The left-corner transformation, for each set of rules that begin with one another: a text of <c>A</c> begins with what
/// begins a rule <c>B</c> of the set and is none of it, then goes on from "a <c>B</c> has been read" to "an <c>A</c> has been".
/// Only texts that are not empty are read so: what can be empty is passed over or read as a rule of its other texts.
/// </remarks>
internal sealed class LeftCorners
{
    private readonly NodeBuilder _nodes;
    private readonly HashSet<Rule> _nullable;
    private readonly Dictionary<Rule, List<(Node Node, Rule? Gap)>> _edges;
    private readonly Dictionary<Rule, List<Rule>> _sets = []; // the rules that begin with one another, by each of them
    private readonly Dictionary<Rule, Rule> _filled = []; // a rule's texts that are not empty
    private readonly Dictionary<Rule, Rule> _heads = [];
    private readonly Dictionary<(Rule Whole, Rule Read), Rule> _tails = [];
    private readonly Queue<Action> _begun = []; // rules that are named and still to be written

    private LeftCorners(Rule[] rules, NodeBuilder nodes)
    {
        _nodes = nodes;
        _nullable = Reach.Nullable(rules);
        _edges = rules.ToDictionary(rule => rule, rule => LeftEdges.Of(rule.Start!, _nullable));
        foreach (var set in Components.Of(rules, rule => _edges[rule].Select(edge => edge.Node).OfType<Node.Call>().Select(call => call.Rule)))
        {
            if (set.Count > 1 || _edges[set[0]].Any(edge => edge.Node is Node.Call call && call.Rule == set[0]))
            {
                foreach (var rule in set)
                    _sets.Add(rule, set);
            }
        }
    }

    /// <summary>Rewrites rules.</summary>
    /// <param name="rules">All rules of a grammar.</param>
    /// <param name="nodes">Makes and counts the places.</param>
    /// <exception cref="GrammarException">It takes too many places.</exception>
    public static void Rewrite(IEnumerable<Rule> rules, NodeBuilder nodes)
    {
        var corners = new LeftCorners([.. rules], nodes);
        foreach (var rule in corners._sets.Keys)
        {
            var ways = new List<Node> { new Node.Call(corners.Filled(rule), Node.Return.Only) };
            if (corners._nullable.Contains(rule))
                ways.Add(Node.Return.Only);
            rule.Start = nodes.Split(ways);
        }
        while (corners._begun.TryDequeue(out var write))
            write();
    }

    private Rule Filled(Rule rule)
    {
        if (!_sets.TryGetValue(rule, out var set) && !_nullable.Contains(rule))
            return rule;
        if (_filled.TryGetValue(rule, out var filled))
            return filled;
        _filled.Add(rule, filled = new Rule(rule.Name));
        _begun.Enqueue(() => filled.Start = set is null
            ? _nodes.Split(_edges[rule].Select(edge => Again(edge.Node, edge.Gap)))
            : _nodes.Split(set.Select(corner => _nodes.Call(Head(corner), _nodes.Call(Tail(rule, corner), Node.Return.Only)))));
        return filled;
    }

    /// <summary>The beginnings of a rule that are none of its set.</summary>
    private Rule Head(Rule corner)
    {
        if (_heads.TryGetValue(corner, out var head))
            return head;
        _heads.Add(corner, head = new Rule(corner.Name));
        _begun.Enqueue(() =>
            head.Start = _nodes.Split(_edges[corner].Where(edge => !IsOfSet(corner, edge.Node)).Select(edge => Again(edge.Node, edge.Gap))));
        return head;
    }

    /// <summary>What makes a whole of a corner that has been read.</summary>
    private Rule Tail(Rule whole, Rule read)
    {
        if (_tails.TryGetValue((whole, read), out var tail))
            return tail;
        _tails.Add((whole, read), tail = new Rule(whole.Name));
        _begun.Enqueue(() => tail.Start = _nodes.Split(Continued(whole, read)));
        return tail;
    }

    private IEnumerable<Node> Continued(Rule whole, Rule read)
    {
        if (whole == read)
            yield return Node.Return.Only;
        foreach (var corner in _sets[whole])
        {
            foreach (var (node, _) in _edges[corner])
            {
                if (node is Node.Call call && call.Rule == read)
                    yield return _nodes.Call(new Rule(corner.Name) { Start = call.Next }, _nodes.Call(Tail(whole, corner), Node.Return.Only));
            }
        }
    }

    private bool IsOfSet(Rule rule, Node node) =>
        node is Node.Call call && _sets.TryGetValue(call.Rule, out var set) && ReferenceEquals(set, _sets[rule]);

    private Node Again(Node node, Rule? gap)
    {
        var again = node is Node.Call call ? _nodes.Call(Filled(call.Rule), call.Next) : node;
        return gap is null ? again : _nodes.Gap(gap, again);
    }
}
