namespace Causerie.Text.Grammars.Masks;

/// <summary>A tree of what tokens hold behind a closing quote.</summary>
internal sealed class QuoteBranch
{
    private List<(byte Next, QuoteBranch Branch)>? _further;
    private List<int>? _tokens;

    /// <summary>Of quotes in a tree.</summary>
    public static QuoteBranch Of(TokenTrie trie, IEnumerable<PointTrie.Exit> exits)
    {
        var branch = new QuoteBranch();
        foreach (var exit in exits)
            branch.Take(trie, exit.Node);
        return branch;
    }

    private void Take(TokenTrie trie, int node)
    {
        foreach (int token in trie.TokensAt(node))
            (_tokens ??= []).Add(token);
        int end = trie.End(node);
        for (int child = node + 1; child < end; child = trie.End(child))
            Below(trie.Label(child)).Take(trie, child);
    }

    /// <summary>Adds the tokens with which a state goes on.</summary>
    public void Add(GrammarState state, Span<ulong> mask)
    {
        foreach (int token in _tokens ?? [])
            mask[token >> 6] |= 1UL << token;
        foreach (var (next, branch) in _further ?? [])
        {
            if (state.Step(next) is { } after)
                branch.Add(after, mask);
        }
    }

    private QuoteBranch Below(byte next)
    {
        foreach (var (known, branch) in _further ?? [])
        {
            if (known == next)
                return branch;
        }
        var added = new QuoteBranch();
        (_further ??= []).Add((next, added));
        return added;
    }
}
