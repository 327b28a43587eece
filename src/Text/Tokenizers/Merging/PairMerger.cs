using System.Buffers;
using System.Runtime.InteropServices;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Merges a word's symbols pair by pair, best rank first and leftmost of equals, until no pair is left.</summary>
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
        using var queue = new PairQueue(symbols.Length);
        try
        {
            var previous = links.AsSpan(0, symbols.Length);
            var next = links.AsSpan(symbols.Length, symbols.Length);
            for (int i = 0; i < symbols.Length; i++)
                (previous[i], next[i]) = (i - 1, i + 1);
            for (int i = 0; i + 1 < symbols.Length; i++)
                if (rule.TryMerge(word, symbols[i], symbols[i + 1], out uint rank, out int id))
                    queue.Append(new Pair(rank, i, i + 1, symbols[i].Length + symbols[i + 1].Length, id));
            queue.Order();
            while (queue.TryTake(out var pair))
            {
                // Outdated where either side has merged since: it is gone (length 0) or longer.
                if (symbols[pair.Left].Length == 0 || symbols[pair.Right].Length == 0 ||
                    symbols[pair.Left].Length + symbols[pair.Right].Length != pair.Length)
                    continue;
                symbols[pair.Left] = symbols[pair.Left] with { Length = pair.Length, Id = pair.Id };
                symbols[pair.Right].Length = 0;
                int after = next[pair.Right];
                next[pair.Left] = after;
                if (after < symbols.Length)
                {
                    previous[after] = pair.Left;
                    Offer(rule, word, symbols, pair.Left, after, queue);
                }
                if (previous[pair.Left] is var before and >= 0)
                    Offer(rule, word, symbols, before, pair.Left, queue);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(links);
        }
        int kept = 0;
        foreach (var symbol in symbols)
            if (symbol.Length > 0)
                symbols[kept++] = symbol;
        return kept;
    }

    private static void Offer<TRule>(
        TRule rule, ReadOnlySpan<byte> word, ReadOnlySpan<Symbol> symbols, int left, int right, PairQueue queue)
        where TRule : IMergeRule
    {
        if (rule.TryMerge(word, symbols[left], symbols[right], out uint rank, out int id))
            queue.Add(new Pair(rank, left, right, symbols[left].Length + symbols[right].Length, id));
    }

    /// <summary>Two neighbours that may merge, and the length that they had together when they were found.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pair(uint Rank, int Left, int Right, int Length, int Id)
    {
        public ulong Order => ((ulong)Rank << 32) | (uint)Left;
    }

    /// <summary>A binary heap of pairs, lowest rank and leftmost on top.</summary>
    private sealed class PairQueue(int capacity) : IDisposable
    {
        private Pair[] _pairs = ArrayPool<Pair>.Shared.Rent(capacity);
        private int _count;

        /// <summary>Adds without order.</summary>
        public void Append(Pair pair) => _pairs[_count++] = pair;

        /// <summary>Makes a heap of what was appended.</summary>
        public void Order()
        {
            for (int at = _count / 2 - 1; at >= 0; at--)
                Sink(at, _pairs[at]);
        }

        /// <summary>Adds in order.</summary>
        public void Add(Pair pair)
        {
            if (_count == _pairs.Length)
            {
                var larger = ArrayPool<Pair>.Shared.Rent(_count * 2);
                _pairs.AsSpan(0, _count).CopyTo(larger);
                ArrayPool<Pair>.Shared.Return(_pairs);
                _pairs = larger;
            }
            int at = _count++;
            while (at > 0 && _pairs[(at - 1) / 2].Order > pair.Order)
            {
                _pairs[at] = _pairs[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            _pairs[at] = pair;
        }

        /// <summary>Takes the best.</summary>
        public bool TryTake(out Pair pair)
        {
            pair = default;
            if (_count == 0)
                return false;
            pair = _pairs[0];
            var last = _pairs[--_count];
            if (_count > 0)
                Sink(0, last);
            return true;
        }

        /// <inheritdoc/>
        public void Dispose() => ArrayPool<Pair>.Shared.Return(_pairs);

        private void Sink(int at, Pair pair)
        {
            while (2 * at + 1 < _count)
            {
                int child = 2 * at + 1;
                if (child + 1 < _count && _pairs[child + 1].Order < _pairs[child].Order)
                    child++;
                if (_pairs[child].Order >= pair.Order)
                    break;
                _pairs[at] = _pairs[child];
                at = child;
            }
            _pairs[at] = pair;
        }
    }
}
