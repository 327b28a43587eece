using Causerie.Inference.KvCache;

namespace Causerie.Inference.Scheduling;

/// <summary>Guesses at what one sequence writes next, made as long as that pays.</summary>
/// <remarks>
/// A guess costs a row of the batch and no more: whether it is right is seen from the logits that the sequence would have
/// had anyway, so no text depends on it.
/// </remarks>
/// <param name="prediction">What is likely to come; null where the caller says nothing of it.</param>
internal sealed class Drafting(Prediction? prediction = null)
{
    /// <summary>Rows of a batch, over all who write, up to which one more costs a small part of a step.</summary>
    public const int Rows = 8;

    /// <summary>Tokens that must have been met in the same order.</summary>
    private const int Clue = 3;

    /// <summary>Tokens after which a sequence whose guesses were wrong tries again.</summary>
    private const int Pause = 24;

    private readonly int[] _tokens = new int[Rows];
    private int _trust = 4;
    private int _until;
    private int _predicted; // how many of the guesses are the prediction's

    /// <summary>The guesses.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many are wanted.</summary>
    public int Wanted { get; private set; }

    /// <summary>Where a draft model keeps the sequence's keys and values; null where none has read it.</summary>
    public BlockTable? Kv { get; set; }

    /// <summary>Tokens whose keys and values are there, the sequence's own first.</summary>
    public int Computed { get; set; }

    /// <summary>
    /// Forgets old guesses and makes new ones from the prediction, or from what the sequence has met (prompt lookup,
    /// Saxena, 2023).
    /// </summary>
    /// <param name="tokens">All tokens of the sequence.</param>
    /// <param name="written">How many of them are the answer's.</param>
    /// <param name="most">Guesses that there is room for.</param>
    public void Begin(ReadOnlySpan<int> tokens, int written, int most)
    {
        Count = _predicted = 0;
        Wanted = tokens.Length < _until ? 0 : Math.Clamp(Math.Max(_trust, 1), 0, Math.Max(0, most));
        if (Wanted == 0)
            return;
        if (prediction is not null)
        {
            var next = prediction.Next(tokens[^written..]);
            foreach (int id in next[..Math.Min(next.Length, Wanted)])
                Add(id);
            _predicted = Count;
        }

        if (Count > 0 || tokens.Length <= Clue)
            return;
        var clue = tokens[^Clue..];

        // As many as are wanted followed, where a short pattern repeats; else as many as there are.
        int found = tokens[..^Math.Min(Wanted, tokens.Length)].LastIndexOf(clue);
        if (found < 0)
            found = tokens[..^1].LastIndexOf(clue);
        if (found < 0)
            return;
        foreach (int id in tokens[(found + Clue)..])
            if (Count < Wanted)
                Add(id);
    }

    /// <summary>One more guess.</summary>
    public void Add(int id) => _tokens[Count++] = id;

    /// <summary>Keeps the first guesses alone.</summary>
    public void Cut(int count) => Count = Math.Clamp(count, 0, Count);

    /// <summary>Counts a guess of the prediction's, before anybody is told of the token.</summary>
    /// <param name="right">Whether the token came.</param>
    /// <param name="left">Guesses from this one on: with it all that follow are wrong.</param>
    public void Judge(bool right, int left)
    {
        if (_predicted > 0)
            prediction!.Learn(right ? 1 : 0, right ? 0 : left);
    }

    /// <summary>Learns what became of the guesses.</summary>
    /// <param name="right">Those that were right.</param>
    /// <param name="length">Tokens of the sequence now.</param>
    public void Learn(int right, int length)
    {
        // What was computed for wrong guesses is computed again.
        Computed = Math.Min(Computed, length - 1);
        if (Count == 0)
            return;
        _trust = Math.Min(_trust + (2 * right) - Count, Rows);
        Count = 0;
        if (_trust > 0)
            return;
        _trust = 0;
        _until = length + Pause;
    }

    /// <summary>Gives a draft model's keys and values back.</summary>
    public void Release()
    {
        Kv?.Clear();
        Computed = Count = 0;
    }
}
