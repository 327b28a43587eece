namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Tokens with scores: two symbols merge where they spell a token together, the better score first.</summary>
internal sealed class ScoredPieces : IMergeRule
{
    private readonly ByteStrings _pieces;
    private readonly uint[] _ranks; // [tokens] equal scores, equal ranks
    private readonly int _longest;

    /// <summary>The pieces of a vocabulary.</summary>
    /// <param name="vocabulary">The vocabulary; without scores all tokens count alike.</param>
    /// <param name="merges">[tokens] Which tokens typed text may become.</param>
    public ScoredPieces(Vocabulary vocabulary, ReadOnlySpan<bool> merges)
    {
        int count = vocabulary.Tokens.Length;
        _pieces = new ByteStrings(count, vocabulary.Tokens.TotalBytes);
        for (int id = 0; id < count; id++)
        {
            var text = vocabulary.Tokens.Utf8(id);
            _pieces.Add(text, findable: merges[id] && text.Length > 0);
            if (merges[id])
                _longest = Math.Max(_longest, text.Length);
        }
        _ranks = new uint[count];
        if (vocabulary.Scores.Length == 0)
            return;
        float[] scores = [.. vocabulary.Scores.Distinct().Order()];
        for (int id = 0; id < count; id++)
            _ranks[id] = (uint)(scores.Length - 1 - Array.BinarySearch(scores, vocabulary.Scores[id]));
    }

    /// <summary>The token of that text, or −1.</summary>
    public int Find(ReadOnlySpan<byte> text) => _pieces.Find(text);

    /// <inheritdoc/>
    public bool TryMerge(ReadOnlySpan<byte> word, Symbol left, Symbol right, out uint rank, out int id)
    {
        int length = left.Length + right.Length;
        id = length <= _longest ? _pieces.Find(word.Slice(left.Start, length)) : -1;
        rank = id < 0 ? uint.MaxValue : _ranks[id];
        return id >= 0;
    }
}
