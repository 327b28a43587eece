using System.Collections.Concurrent;
using System.Text;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Masks inside JSON strings: tokens that stay inside are found once for each place in a text, tokens that leave it by what follows.</summary>
internal sealed class TextMasks(TokenTrie trie)
{
    private const int MostKept = 256;

    private readonly ConcurrentDictionary<object, Inside> _kept = new();

    /// <summary>Adds the tokens that may come.</summary>
    public void Add(TextPlace place, Span<ulong> mask)
    {
        var inside = InsideOf(place.Cursor);
        for (int i = 0; i < mask.Length; i++)
            mask[i] |= inside.Bits[i];
        if (place.After is { } after)
            inside.Add(after, mask);
        foreach (var (rest, otherwise) in place.Special)
        {
            foreach (int exit in inside.ExitsAfter(rest))
            {
                foreach (int token in trie.TokensBelow(exit))
                    mask[token >> 6] &= ~(1UL << token);
                if (otherwise is not null)
                {
                    foreach (int token in trie.TokensAt(exit))
                        mask[token >> 6] |= 1UL << token;
                    TokenMasks.Walk(trie, otherwise, exit, mask);
                }
            }
        }
    }

    private Inside InsideOf(TextCursor cursor)
    {
        if (_kept.TryGetValue(cursor.Key, out var kept))
            return kept;
        if (_kept.Count >= MostKept)
            _kept.Clear(); // what is needed again is found again
        return _kept[cursor.Key] = new Inside(trie, cursor);
    }

    /// <summary>What is the same wherever a text stands.</summary>
    private sealed class Inside
    {
        private readonly Dictionary<string, List<int>> _exits = new(StringComparer.Ordinal); // by what stands before the quote
        private readonly Branch _after = new(); // what stands after the quote, with the tokens that end so

        public Inside(TokenTrie trie, TextCursor cursor)
        {
            Bits = new ulong[(trie.Vocabulary + 63) / 64];
            Walk(trie, cursor, 0, []);
        }

        public ulong[] Bits { get; }

        public List<int> ExitsAfter(string rest) => _exits.GetValueOrDefault(rest) ?? [];

        /// <summary>Adds the tokens with a quote after which a state goes on.</summary>
        public void Add(GrammarState after, Span<ulong> mask) => _after.Add(after, mask);

        private void Walk(TokenTrie trie, TextCursor cursor, int node, List<byte> head)
        {
            int end = trie.End(node);
            for (int child = node + 1; child < end; child = trie.End(child))
            {
                byte label = trie.Label(child);
                var next = cursor.Step(label, out bool closed);
                if (closed)
                    Leave(trie, child, head);
                if (next is null)
                    continue;
                foreach (int token in trie.TokensAt(child))
                    Bits[token >> 6] |= 1UL << token;
                head.Add(label);
                Walk(trie, next, child, head);
                head.RemoveAt(head.Count - 1);
            }
        }

        private void Leave(TokenTrie trie, int exit, List<byte> head)
        {
            _after.Take(trie, exit);
            string text = Unescaped(head);
            if (!_exits.TryGetValue(text, out var list))
                _exits.Add(text, list = []);
            list.Add(exit);
        }

        private static string Unescaped(List<byte> head)
        {
            string text = Encoding.UTF8.GetString([.. head]);
            if (!text.Contains('\\', StringComparison.Ordinal))
                return text;
            try
            {
                return System.Text.Json.JsonSerializer.Deserialize<string>($"\"{text}\"")!;
            }
            catch (System.Text.Json.JsonException)
            {
                return text; // the second half of an escape: no key begins so
            }
        }
    }

    /// <summary>A tree of what tokens hold after the quote.</summary>
    private sealed class Branch
    {
        private readonly SortedList<byte, Branch> _further = [];
        private readonly List<int> _tokens = [];

        public void Take(TokenTrie trie, int node)
        {
            foreach (int token in trie.TokensAt(node))
                _tokens.Add(token);
            int end = trie.End(node);
            for (int child = node + 1; child < end; child = trie.End(child))
            {
                if (!_further.TryGetValue(trie.Label(child), out var branch))
                    _further.Add(trie.Label(child), branch = new Branch());
                branch.Take(trie, child);
            }
        }

        public void Add(GrammarState state, Span<ulong> mask)
        {
            foreach (int token in _tokens)
                mask[token >> 6] |= 1UL << token;
            foreach (var (next, branch) in _further)
            {
                if (state.Step(next) is { } after)
                    branch.Add(after, mask);
            }
        }
    }
}
