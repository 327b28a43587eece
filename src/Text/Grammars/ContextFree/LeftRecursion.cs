namespace Causerie.Text.Grammars.ContextFree;

/// <summary>Refuses rules that begin with themselves: no state would say how deep they stand in one another.</summary>
internal static class LeftRecursion
{
    /// <exception cref="GrammarException">A rule begins with itself, perhaps by way of others.</exception>
    public static void Check(IEnumerable<Rule> rules)
    {
        Rule[] all = [.. rules];
        var nullable = Reach.Nullable(all);
        var begins = all.ToDictionary(rule => rule, rule => LeftEdges.Of(rule.Start!, nullable)
            .Select(edge => edge.Node).OfType<Node.Call>().Select(call => call.Rule).ToHashSet());
        var done = new HashSet<Rule>();
        foreach (var rule in all)
            Visit(rule, begins, done);
    }

    // By a stack of our own: grammars come from requests and may be deep.
    private static void Visit(Rule root, Dictionary<Rule, HashSet<Rule>> begins, HashSet<Rule> done)
    {
        var onTheWay = new HashSet<Rule>();
        var way = new Stack<(Rule Rule, IEnumerator<Rule> Next)>();
        Enter(root);
        while (way.TryPeek(out var top))
        {
            if (!top.Next.MoveNext())
            {
                way.Pop();
                onTheWay.Remove(top.Rule);
                done.Add(top.Rule);
            }
            else
            {
                Enter(top.Next.Current);
            }
        }

        void Enter(Rule rule)
        {
            if (done.Contains(rule))
                return;
            if (!onTheWay.Add(rule))
                throw new GrammarException($"the rule '{rule.Name}' begins with itself; write it with a repetition.");
            way.Push((rule, begins[rule].GetEnumerator()));
        }
    }
}
