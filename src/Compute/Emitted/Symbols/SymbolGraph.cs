namespace Causerie.Compute.Emitted.Symbols;

/// <summary>Some symbols whose common parts are one node: each is computed once.</summary>
internal sealed class SymbolGraph
{
    /// <summary>An operation, the nodes that it takes (−1 where there is none), and its number.</summary>
    public readonly record struct Node(Operation Operation, int A, int B, long Number);

    private readonly Dictionary<Node, int> _known = [];
    private readonly List<Node> _nodes = [];

    /// <summary>By number; operands have smaller numbers.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The node of a symbol.</summary>
    public int Add(in Symbol symbol)
    {
        var stack = new Stack<int>();
        foreach (var (operation, number) in symbol.Steps)
        {
            int b = operation.Operands() == 2 ? stack.Pop() : -1;
            int a = operation.Operands() >= 1 ? stack.Pop() : -1;

            // Constants and places stand second, where an instruction may read memory.
            if (operation.Commutes() && _nodes[a].Operation.Operands() == 0)
                (a, b) = (b, a);
            var node = new Node(operation, a, b, number);
            if (!_known.TryGetValue(node, out int at))
            {
                at = _nodes.Count;
                _nodes.Add(node);
                _known.Add(node, at);
            }

            stack.Push(at);
        }

        return stack.Single();
    }
}
