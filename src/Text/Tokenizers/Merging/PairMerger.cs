using System.Buffers;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Merges a word's symbols pair by pair: best rank first, leftmost of equals, until none is left.</summary>
internal static class PairMerger
{
    // Up to here looking through all pairs costs less than keeping them in a heap.
    private const int Short = 40;

    /// <summary>Merges in place.</summary>
    /// <param name="rule">Which pairs merge.</param>
    /// <param name="word">UTF-8 bytes of the word.</param>
    /// <param name="symbols">The word's first symbols, which become its last ones.</param>
    /// <returns>How many symbols are left, at the front.</returns>
    public static int Merge<TRule>(TRule rule, ReadOnlySpan<byte> word, Span<Symbol> symbols)
        where TRule : IMergeRule
    {
        if (symbols.Length < 2)
            return symbols.Length;
        return symbols.Length <= Short ? Scan(rule, word, symbols) : Queue(rule, word, symbols);
    }

    private static int Scan<TRule>(TRule rule, ReadOnlySpan<byte> word, Span<Symbol> symbols)
        where TRule : IMergeRule
    {
        Span<uint> ranks = stackalloc uint[Short]; // [i] of the pair (i, i + 1); MaxValue where it does not merge
        Span<int> ids = stackalloc int[Short];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++)
            rule.TryMerge(word, symbols[i], symbols[i + 1], out ranks[i], out ids[i]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
                if (ranks[i] < ranks[best])
                    best = i;
            if (ranks[best] == uint.MaxValue)
                break;
            symbols[best].Length += symbols[best + 1].Length;
            symbols[best].Id = ids[best];
            count--;
            symbols[(best + 2)..(count + 1)].CopyTo(symbols[(best + 1)..]);
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                ids[(best + 2)..count].CopyTo(ids[(best + 1)..]);
                rule.TryMerge(word, symbols[best], symbols[best + 1], out ranks[best], out ids[best]);
            }
            if (best > 0)
                rule.TryMerge(word, symbols[best - 1], symbols[best], out ranks[best - 1], out ids[best - 1]);
        }
        return count;
    }

    private static int Queue<TRule>(TRule rule, ReadOnlySpan<byte> word, Span<Symbol> symbols)
        where TRule : IMergeRule
    {
        int[] links = ArrayPool<int>.Shared.Rent(symbols.Length * 2);
        var queue = new PlaceQueue(symbols.Length);
        try
        {
            var previous = links.AsSpan(0, symbols.Length);
            var next = links.AsSpan(symbols.Length, symbols.Length);
            for (int i = 0; i < symbols.Length; i++)
                (previous[i], next[i]) = (i - 1, i + 1);
            for (int i = 0; i + 1 < symbols.Length; i++)
                if (rule.TryMerge(word, symbols[i], symbols[i + 1], out uint rank, out _))
                    queue.Append(rank, i);
            queue.Order();
            while (queue.TryTake(out uint best, out int left))
            {
                // Outdated where one of the two has merged since: then the pair is gone or ranks otherwise.
                int right = next[left];
                if (symbols[left].Length == 0 || right >= symbols.Length ||
                    !rule.TryMerge(word, symbols[left], symbols[right], out uint rank, out int id) || rank != best)
                    continue;
                symbols[left].Length += symbols[right].Length;
                symbols[left].Id = id;
                symbols[right].Length = 0;
                int after = next[left] = next[right];
                if (after < symbols.Length)
                {
                    previous[after] = left;
                    if (rule.TryMerge(word, symbols[left], symbols[after], out rank, out _))
                        queue.Add(rank, left);
                }
                if (previous[left] is var before and >= 0 &&
                    rule.TryMerge(word, symbols[before], symbols[left], out rank, out _))
                    queue.Add(rank, before);
            }
        }
        finally
        {
            queue.Dispose();
            ArrayPool<int>.Shared.Return(links);
        }
        int kept = 0;
        foreach (var symbol in symbols)
            if (symbol.Length > 0)
                symbols[kept++] = symbol;
        return kept;
    }
}
