namespace Causerie.Text.Grammars.ContextFree;

/// <summary>What a rule can begin with.</summary>
internal static class LeftEdges
{
    /// <summary>The code points and rules that may come first from a place on, each with the gap before it.</summary>
    /// <param name="from">The place.</param>
    /// <param name="nullable">The rules that can be empty.</param>
    public static List<(Node Node, Rule? Gap)> Of(Node from, HashSet<Rule> nullable)
    {
        var edges = new List<(Node, Rule?)>();
        var seen = new HashSet<(Node, Rule?)>();
        var open = new Stack<(Node Node, Rule? Gap)>([(from, null)]);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
                continue;
            switch (at.Node)
            {
                case Node.Split split:
                    foreach (var way in split.Ways)
                        open.Push((way, at.Gap));
                    break;
                case Node.Gap gap:
                    open.Push((gap.Next, gap.Rule));
                    break;
                case Node.Match:
                    edges.Add(at);
                    break;
                case Node.Call call:
                    edges.Add(at);
                    if (nullable.Contains(call.Rule))
                        open.Push((call.Next, at.Gap));
                    break;
            }
        }
        return edges;
    }
}
