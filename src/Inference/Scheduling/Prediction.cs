namespace Causerie.Inference.Scheduling;

/// <summary>A text that an answer is likely to repeat in parts, such as a file with a few words to change: guesses come from it first.</summary>
/// <remarks>The engine's thread looks into it; the counts may be read from any.</remarks>
/// <param name="tokens">Token ids.</param>
public sealed class Prediction(int[] tokens)
{
    /// <summary>Tokens of the answer by which its place is found again.</summary>
    private const int Clue = 3;

    private int _place; // where the answer stands in it; −1 where the two have parted
    private int _last; // where they were together last
    private int _seen; // tokens of the answer that were compared
    private int _accepted;
    private int _rejected;

    /// <summary>Guesses from it that were right.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Guesses from it that were wrong.</summary>
    public int Rejected => Volatile.Read(ref _rejected);

    /// <summary>What the answer may go on with; empty where nothing is known.</summary>
    /// <param name="answer">Its tokens so far.</param>
    internal ReadOnlySpan<int> Next(ReadOnlySpan<int> answer)
    {
        for (; _seen < answer.Length; _seen++)
        {
            if (_place < 0)
                continue;
            if (_place < tokens.Length && tokens[_place] == answer[_seen])
                _last = ++_place;
            else
                _place = -1;
        }

        if (_place < 0 && answer.Length >= Clue)
            Find(answer[^Clue..]);
        return _place < 0 ? [] : tokens.AsSpan(_place);
    }

    /// <summary>Learns what became of guesses.</summary>
    internal void Learn(int right, int wrong)
    {
        Volatile.Write(ref _accepted, _accepted + right);
        Volatile.Write(ref _rejected, _rejected + wrong);
    }

    /// <summary>What is changed in a text is mostly shorter than the text: first behind the place where the two parted.</summary>
    private void Find(ReadOnlySpan<int> clue)
    {
        int found = tokens.AsSpan(_last).IndexOf(clue);
        if (found >= 0)
            found += _last;
        else
            found = tokens.AsSpan(0, Math.Min(tokens.Length, _last + Clue - 1)).LastIndexOf(clue);
        if (found >= 0)
            _last = _place = found + Clue;
    }
}
