namespace Causerie.Text.Tokenizers.Merging;

/// <summary>
/// Remembers the tokens of words seen before, one word a slot: bounded, and free of locks because an entry never
/// changes and a slot is replaced whole.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longest word that is remembered, in UTF-16 units.</summary>
    public const int LongestWord = 40;

    private const int Bits = 14;
    private const ulong Mix = 0x9E3779B97F4A7C15;
    private readonly Entry?[] _entries = new Entry?[1 << Bits];

    /// <summary>Slot of a word, for <see cref="TryGet"/> and <see cref="Set"/>.</summary>
    public static int Slot(ReadOnlySpan<char> word)
    {
        ulong hash = (ulong)word.Length;
        foreach (char unit in word)
            hash = (hash ^ unit) * Mix;
        return (int)(hash >> (64 - Bits));
    }

    /// <summary>The word's tokens, if its slot still has them.</summary>
    public bool TryGet(int slot, ReadOnlySpan<char> word, out ReadOnlySpan<int> ids)
    {
        var entry = Volatile.Read(ref _entries[slot]);
        bool found = entry is not null && word.SequenceEqual(entry.Word);
        ids = found ? entry!.Ids : [];
        return found;
    }

    /// <summary>Remembers a word.</summary>
    public void Set(int slot, ReadOnlySpan<char> word, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref _entries[slot], new Entry(word.ToString(), ids.ToArray()));

    private sealed record Entry(string Word, int[] Ids);
}
