namespace Causerie.Text.Grammars.Gbnf;

/// <summary>Refuses rules that begin with themselves: no state would say how deep they stand in one another.</summary>
internal static class LeftRecursion
{
    /// <exception cref="GrammarException">A rule begins with itself, perhaps by way of others.</exception>
    public static void Check(IEnumerable<Rule> rules)
    {
        Rule[] all = [.. rules];
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (var rule in all)
            {
                if (rule.IsNullable || !Begin(rule, []))
                    continue;
                rule.IsNullable = changed = true;
            }
        }
        var begins = all.ToDictionary(rule => rule, rule =>
        {
            var calls = new HashSet<Rule>();
            Begin(rule, calls);
            return calls;
        });
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

    /// <summary>Notes the rules that stand where one begins; tells whether it can be empty.</summary>
    private static bool Begin(Rule rule, HashSet<Rule> calls)
    {
        var seen = new HashSet<Node>();
        var open = new Stack<Node>([rule.Start!]);
        bool nullable = false;
        while (open.TryPop(out var node))
        {
            if (!seen.Add(node))
                continue;
            switch (node)
            {
                case Node.Split split:
                    foreach (var way in split.Ways)
                        open.Push(way);
                    break;
                case Node.Call call:
                    calls.Add(call.Rule);
                    if (call.Rule.IsNullable)
                        open.Push(call.Next);
                    break;
                case Node.Return:
                    nullable = true;
                    break;
            }
        }
        return nullable;
    }
}
