namespace Causerie.Text.Grammars.ContextFree;

/// <summary>Finds rules that lead to one another: Tarjan's strongly connected components, by a stack of our own.</summary>
internal static class Components
{
    /// <summary>The components; a rule that no other leads back to is one alone.</summary>
    public static List<List<Rule>> Of(IEnumerable<Rule> rules, Func<Rule, IEnumerable<Rule>> next)
    {
        var found = new List<List<Rule>>();
        var index = new Dictionary<Rule, int>();
        var low = new Dictionary<Rule, int>();
        var held = new Stack<Rule>();
        var isHeld = new HashSet<Rule>();
        var way = new Stack<(Rule Rule, IEnumerator<Rule> Next)>();
        foreach (var root in rules)
        {
            if (!index.ContainsKey(root))
                Enter(root);
            while (way.TryPeek(out var top))
            {
                if (top.Next.MoveNext())
                {
                    var other = top.Next.Current;
                    if (!index.TryGetValue(other, out int its))
                        Enter(other);
                    else if (isHeld.Contains(other))
                        low[top.Rule] = Math.Min(low[top.Rule], its);
                    continue;
                }
                way.Pop();
                if (way.TryPeek(out var before))
                    low[before.Rule] = Math.Min(low[before.Rule], low[top.Rule]);
                if (low[top.Rule] == index[top.Rule])
                    found.Add(Take(top.Rule));
            }
        }
        return found;

        void Enter(Rule rule)
        {
            index.Add(rule, index.Count);
            low.Add(rule, index[rule]);
            held.Push(rule);
            isHeld.Add(rule);
            way.Push((rule, next(rule).GetEnumerator()));
        }

        List<Rule> Take(Rule root)
        {
            var one = new List<Rule>();
            Rule rule;
            do
            {
                rule = held.Pop();
                isHeld.Remove(rule);
                one.Add(rule);
            }
            while (rule != root);
            return one;
        }
    }
}
