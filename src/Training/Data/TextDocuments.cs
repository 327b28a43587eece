using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;

namespace Causerie.Training.Data;

/// <summary>Plain texts, cut into windows of the context's length: every token is learnt.</summary>
/// <remarks>Each round begins its windows at another place, drawn from the seed, so that no cut is always the same.</remarks>
public sealed class TextDocuments : IDocuments
{
    private readonly int[] _tokens;
    private readonly int _window;
    private readonly ulong _seed;

    /// <summary>Windows over texts that follow one another, an end of text between them.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="tokenizer">Makes them tokens.</param>
    /// <param name="endOfText">The token between two texts.</param>
    /// <param name="context">The longest sequence.</param>
    /// <param name="seed">Where chance comes from.</param>
    /// <exception cref="CorpusException">There are fewer than two tokens.</exception>
    public TextDocuments(IEnumerable<string> texts, Tokenizer tokenizer, int endOfText, int context, ulong seed)
    {
        var tokens = new List<int>();
        foreach (string text in texts)
        {
            tokens.AddRange(tokenizer.Encode(text));
            tokens.Add(endOfText);
        }
        if (tokens.Count < 2)
            throw new CorpusException("The texts are empty: there is nothing to learn from.");
        _tokens = [.. tokens];
        _window = Math.Min(context, _tokens.Length - 1);
        _seed = seed;
    }

    /// <inheritdoc/>
    public Document this[long index]
    {
        get
        {
            int ofRound = Math.Max(1, (_tokens.Length - 1) / _window);
            long round = index / ofRound;
            int slack = _tokens.Length - (ofRound * _window);
            int shift = new Dice(_seed).Fork((ulong)round).Next(slack);
            var order = Order(ofRound, round);
            int start = shift + (order[(int)(index % ofRound)] * _window);
            int length = Math.Min(_window + 1, _tokens.Length - start);
            var learnt = new bool[length];
            learnt.AsSpan(1).Fill(true);
            return new Document(_tokens[start..(start + length)], learnt);
        }
    }

    private int[] Order(int count, long round)
    {
        var dice = new Dice(_seed + 1).Fork((ulong)round);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = dice.Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }
}
