namespace Causerie.Text.Tokenizers.Merging;

/// <summary>A part of a word that merging has reached: its place in the word, and its number (−1: unknown).</summary>
internal record struct Symbol(int Start, int Length, int Id);

/// <summary>Which neighbours merge, into what, and which pair goes first.</summary>
internal interface IMergeRule
{
    /// <summary>Whether two neighbours merge.</summary>
    /// <param name="word">UTF-8 bytes of the word.</param>
    /// <param name="left">The left one.</param>
    /// <param name="right">The right one, which begins where the left one ends.</param>
    /// <param name="rank">Lower goes first; of equals, the leftmost.</param>
    /// <param name="id">Number of the merged symbol.</param>
    bool TryMerge(ReadOnlySpan<byte> word, Symbol left, Symbol right, out uint rank, out int id);
}
