using System.Text;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>What a place in a JSON text lets in, wherever the text stands: tokens that stay in it, and those that leave it by its quote.</summary>
internal sealed class TextInside
{
    private readonly Dictionary<string, List<int>> _exits = new(StringComparer.Ordinal); // by what stands before the quote
    private readonly QuoteBranch _after = new(); // what stands behind the quote, with the tokens that end so

    /// <summary>Of a cursor.</summary>
    public TextInside(TokenTrie trie, TextCursor cursor)
    {
        Bits = new ulong[(trie.Vocabulary + 63) / 64];
        if (cursor.Only is { } only)
            Walk(trie, only.Language, only.State, only.Decoder, 0, []);
        else
            Walk(trie, cursor, 0, []);
    }

    /// <summary>[vocabulary / 64] the tokens that stay in the text.</summary>
    public ulong[] Bits { get; }

    /// <summary>The nodes of the trie with a quote, and the bytes before it.</summary>
    public List<(byte[] Head, int Node)> Exits { get; } = [];

    /// <summary>The nodes of the trie where a quote follows a text.</summary>
    public List<int> ExitsAfter(string text) => _exits.GetValueOrDefault(text) ?? [];

    /// <summary>Adds the tokens with a quote behind which a state goes on.</summary>
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
            Stay(trie, child);
            head.Add(label);
            Walk(trie, next, child, head);
            head.RemoveAt(head.Count - 1);
        }
    }

    // The same for one automaton, without an object for each step.
    private void Walk(TokenTrie trie, Language language, int state, TextDecoder decoder, int node, List<byte> head)
    {
        int end = trie.End(node);
        for (int child = node + 1; child < end; child = trie.End(child))
        {
            byte label = trie.Label(child);
            int next = state;
            switch (decoder.Step(label, out var after, out int low, out int high))
            {
                case TextDecoder.Result.Closed:
                    if (language.Accepts(state))
                        Leave(trie, child, head);
                    continue;
                case TextDecoder.Result.Wrong:
                    continue;
                case TextDecoder.Result.Inside:
                    if (!language.GoesOn(state, low, high))
                        continue;
                    break;
                default:
                    next = language.Step(state, low);
                    if (next == Language.Dead)
                        continue;
                    break;
            }
            Stay(trie, child);
            head.Add(label);
            Walk(trie, language, next, after, child, head);
            head.RemoveAt(head.Count - 1);
        }
    }

    private void Stay(TokenTrie trie, int node)
    {
        foreach (int token in trie.TokensAt(node))
            Bits[token >> 6] |= 1UL << token;
    }

    private void Leave(TokenTrie trie, int exit, List<byte> head)
    {
        _after.Take(trie, exit);
        Exits.Add(([.. head], exit));
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
