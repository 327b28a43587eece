namespace Causerie.Text.Grammars.ContextFree;

/// <summary>Which rules come to their end, each place looked at once.</summary>
internal static class Reach
{
    /// <summary>The rules that can be empty.</summary>
    public static HashSet<Rule> Nullable(IEnumerable<Rule> rules) => Ends(rules, overMatches: false);

    /// <summary>The rules that have a text at all.</summary>
    public static HashSet<Rule> Productive(IEnumerable<Rule> rules) => Ends(rules, overMatches: true);

    private static HashSet<Rule> Ends(IEnumerable<Rule> rules, bool overMatches)
    {
        var ends = new HashSet<Rule>();
        var waiting = new Dictionary<Rule, List<(Rule, Node)>>(); // what goes on where a rule ends
        var seen = new HashSet<(Rule, Node)>();
        var open = new Stack<(Rule Rule, Node Node)>(rules.Select(rule => (rule, rule.Start!)));
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
                continue;
            switch (at.Node)
            {
                case Node.Split split:
                    foreach (var way in split.Ways)
                        open.Push((at.Rule, way));
                    break;
                case Node.Gap gap:
                    open.Push((at.Rule, gap.Next));
                    break;
                case Node.Match match when overMatches && !match.Points.IsEmpty:
                    open.Push((at.Rule, match.Next));
                    break;
                case Node.Call call when ends.Contains(call.Rule):
                    open.Push((at.Rule, call.Next));
                    break;
                case Node.Call call:
                    if (!waiting.TryGetValue(call.Rule, out var list))
                        waiting.Add(call.Rule, list = []);
                    list.Add((at.Rule, call.Next));
                    break;
                case Node.Return when ends.Add(at.Rule) && waiting.Remove(at.Rule, out var those):
                    foreach (var one in those)
                        open.Push(one);
                    break;
            }
        }
        return ends;
    }
}
