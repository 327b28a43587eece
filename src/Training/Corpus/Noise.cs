using System.Text;

namespace Causerie.Training.Corpus;

/// <summary>How people really type: without capitals, marks or accents, and with a slip now and then.</summary>
/// <remarks>What stands between backticks, numbers and words from slots stay as they are: answers repeat them.</remarks>
public sealed record Noise
{
    private const string Accented = "àâäçéèêëîïôöùûüÿÀÂÇÉÈÊËÎÏÔÙÛ";
    private const string Plain = "aaaceeeeiioouuuyAACEEEEIIOUU";

    /// <summary>Chance that everything is in small letters.</summary>
    public double Small { get; init; } = 0.25;

    /// <summary>Chance that the mark at the end is left out.</summary>
    public double NoMark { get; init; } = 0.25;

    /// <summary>Chance that accents are left out.</summary>
    public double NoAccents { get; init; } = 0.1;

    /// <summary>Chance of one slip: a letter doubled, left out, or exchanged with its neighbour.</summary>
    public double Slip { get; init; } = 0.1;

    /// <summary>Chance that somebody is in a hurry, who leaves out words where the answer does not hang on each of them.</summary>
    public double Hurry { get; init; }

    /// <summary>How many of the words that one in a hurry leaves out, as a share.</summary>
    public double LeftOut { get; init; } = 0.15;

    internal string Apply(IReadOnlyList<Phrase.Piece> pieces, Dice dice, bool mayLeaveOut = false)
    {
        bool small = dice.NextDouble() < Small, noMark = dice.NextDouble() < NoMark;
        bool noAccents = dice.NextDouble() < NoAccents, slip = dice.NextDouble() < Slip;
        if (mayLeaveOut && Hurry > 0 && dice.NextDouble() < Hurry)
            pieces = Hurried(pieces, dice);
        var text = new StringBuilder();
        var free = new List<bool>(); // whether a slip may touch this letter
        bool code = false;
        foreach (var piece in pieces)
        {
            foreach (char letter in piece.Text)
            {
                if (letter == '`')
                    code = !code;
                bool plain = !piece.FromSlot && !code && letter != '`';
                char typed = plain && noAccents ? WithoutAccent(letter) : letter;
                text.Append(plain && small ? char.ToLowerInvariant(typed) : typed);
                free.Add(plain && char.IsLetter(letter));
            }
        }
        if (slip)
            Slipped(text, free, dice);
        string typedText = Squeeze(text.ToString());
        return noMark ? typedText.TrimEnd('?', '!', '.', ' ') is { Length: > 0 } bare ? bare : typedText : typedText;
    }

    /// <summary>The same without some of the words that stand between spaces, outside slots and backticks.</summary>
    private List<Phrase.Piece> Hurried(IReadOnlyList<Phrase.Piece> pieces, Dice dice)
    {
        var hurried = new List<Phrase.Piece>();
        bool code = false;
        foreach (var piece in pieces)
        {
            string[] words = piece.Text.Split(' ');
            for (int i = 0; i < words.Length; i++)
            {
                // A word that touches a piece's edge may go on in the next one.
                bool inside = i > 0 && i < words.Length - 1 && !piece.FromSlot && !code && words[i].All(char.IsLetter);
                if (inside && dice.NextDouble() < LeftOut)
                    words[i] = "";
                code ^= words[i].Count(letter => letter == '`') % 2 == 1;
            }
            hurried.Add(piece with { Text = string.Join(' ', words) });
        }
        return hurried;
    }

    private static void Slipped(StringBuilder text, List<bool> free, Dice dice)
    {
        // Not at a word's beginning, where people do not slip and readers look.
        int[] places = [.. Enumerable.Range(1, Math.Max(0, free.Count - 2)).Where(i => free[i] && free[i - 1] && free[i + 1])];
        if (places.Length == 0)
            return;
        int at = places[dice.Next(places.Length)];
        switch (dice.Next(3))
        {
            case 0:
                text.Insert(at, text[at]);
                break;
            case 1:
                text.Remove(at, 1);
                break;
            default:
                (text[at], text[at + 1]) = (text[at + 1], text[at]);
                break;
        }
    }

    /// <summary>Runs of spaces become one, and none stays at the ends.</summary>
    internal static string Squeeze(string text)
    {
        var squeezed = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (letter != ' ' || (squeezed.Length > 0 && squeezed[^1] != ' '))
                squeezed.Append(letter);
        }
        return squeezed.ToString().Trim();
    }

    private static char WithoutAccent(char letter)
    {
        int place = Accented.IndexOf(letter, StringComparison.Ordinal);
        return place < 0 ? letter : Plain[place];
    }
}
