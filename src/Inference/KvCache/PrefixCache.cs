using Causerie.Compute.Kernels;

namespace Causerie.Inference.KvCache;

/// <summary>The keys and values of prompts and answers that ended, for whoever begins with the same tokens.</summary>
/// <remarks>
/// A radix tree (Zheng et al., SGLang, 2024) whose edges are the tokens of one page: a position's keys and values depend
/// on the tokens up to it alone, so that a page serves everybody whose tokens are the same up to its end, bit for bit.
/// Each scope has a tree of its own. The page that was used longest ago, and that nobody reads, is the first to go.
/// </remarks>
/// <param name="pool">The pages.</param>
internal sealed class PrefixCache(PagePool pool)
{
    private readonly Dictionary<string, Node> _scopes = new(StringComparer.Ordinal);
    private readonly LinkedList<Node> _uses = []; // the longest ago first; a node is never before its children

    /// <summary>Pages it holds.</summary>
    public int Count => _uses.Count;

    /// <summary>Gives a sequence what is known of its beginning.</summary>
    /// <param name="scope">Whose prompts may be met.</param>
    /// <param name="tokens">The sequence's tokens.</param>
    /// <param name="table">Empty; gets the pages. What they hold beyond the result is for the sequence to overwrite.</param>
    /// <returns>Positions whose keys and values are there, fewer than the tokens: the last one is always computed.</returns>
    public int Match(string scope, ReadOnlySpan<int> tokens, BlockTable table)
    {
        int known = 0;
        if (!_scopes.TryGetValue(scope, out var node))
            return 0;
        while (Best(node, tokens[known..^1], out int common) is { } child)
        {
            node = child;
            known += common;
            if (common < KvPages.Positions)
            {
                // Others may need the rest of the page: what is shared is copied.
                if (TryCopy(child.Page, out int copy))
                    table.Append(copy);
                else
                    known -= common;
                break;
            }

            pool.Hold(child.Page);
            table.Append(child.Page);
        }

        Touch(node);
        return known;
    }

    /// <summary>Keeps what a sequence has computed; where it is kept already, the sequence reads that page from now.</summary>
    /// <param name="scope">Who may use it.</param>
    /// <param name="tokens">The tokens that are computed.</param>
    /// <param name="table">Where their keys and values lie.</param>
    /// <param name="ended">Whether the sequence writes no more, so that its last page stays as it is.</param>
    public void Insert(string scope, ReadOnlySpan<int> tokens, BlockTable table, bool ended)
    {
        if (!_scopes.TryGetValue(scope, out var node))
            _scopes.Add(scope, node = new Node(null, scope, [], -1));
        for (int page = 0, at = 0; at < tokens.Length; page++, at += KvPages.Positions)
        {
            var part = tokens[at..Math.Min(at + KvPages.Positions, tokens.Length)];
            bool whole = part.Length == KvPages.Positions;
            if (!whole && !ended)
                break;
            var child = Best(node, part, out int common);
            if (child is not null && common == part.Length)
            {
                if (whole)
                    table.Replace(page, child.Page);
                node = child;
                continue;
            }

            // A shorter part of the same page gives way; nobody reads it where it lies, since parts are copied.
            if (child is not null && common == child.Tokens.Length)
                Remove(child);
            node = Add(node, part, table.Pages[page]);
        }

        Touch(node);
        Tidy(node);
    }

    /// <summary>Frees pages that nobody reads, the ones used longest ago first, until so many are free or none is left.</summary>
    public void Evict(int wanted)
    {
        for (var use = _uses.First; use is not null && pool.Free < wanted;)
        {
            var node = use.Value;
            use = use.Next;
            if (node.Children.Count == 0 && pool.IsIdle(node.Page))
            {
                Remove(node);
                Tidy(node.Parent!);
            }
        }
    }

    /// <summary>The child that begins with the most of some tokens; null where none begins with the first of them.</summary>
    private static Node? Best(Node node, ReadOnlySpan<int> tokens, out int common)
    {
        Node? best = null;
        common = 0;
        foreach (var child in node.Children)
        {
            int length = tokens.CommonPrefixLength(child.Tokens);
            if (length > common)
                (best, common) = (child, length);
        }

        return best;
    }

    private bool TryCopy(int page, out int copy)
    {
        if (pool.Free == 0)
        {
            // The page itself must not be what makes room.
            pool.Hold(page);
            Evict(1);
            pool.Release(page);
        }

        if (!pool.TryRent(out copy))
            return false;
        pool.Memory.Copy(page, copy);
        return true;
    }

    private Node Add(Node parent, ReadOnlySpan<int> tokens, int page)
    {
        pool.Keep(page);
        var node = new Node(parent, parent.Scope, tokens.ToArray(), page);
        node.Use = _uses.AddLast(node);
        parent.Children.Add(node);
        return node;
    }

    private void Remove(Node node)
    {
        node.Parent!.Children.Remove(node);
        _uses.Remove(node.Use!);
        pool.Forget(node.Page);
    }

    /// <summary>A scope of which nothing is known is forgotten.</summary>
    private void Tidy(Node node)
    {
        if (node.Parent is null && node.Children.Count == 0)
            _scopes.Remove(node.Scope);
    }

    /// <summary>A node and those above it were used now.</summary>
    private void Touch(Node node)
    {
        for (var n = node; n.Use is { } use; n = n.Parent!)
        {
            _uses.Remove(use);
            _uses.AddLast(use);
        }
    }

    private sealed class Node(Node? parent, string scope, int[] tokens, int page)
    {
        public Node? Parent { get; } = parent;

        public string Scope { get; } = scope;

        /// <summary>[1 to 64] tokens of the page; as many as it has positions, or the node has no children.</summary>
        public int[] Tokens { get; } = tokens;

        public int Page { get; } = page;

        public List<Node> Children { get; } = [];

        public LinkedListNode<Node>? Use { get; set; }
    }
}
