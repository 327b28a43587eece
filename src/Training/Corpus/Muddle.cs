using System.Text;

namespace Causerie.Training.Corpus;

/// <summary>
/// Questions as people ask them who know none of the words that the books use: some words are missing, others have strayed
/// in, neighbours have changed places, letters have slipped. A model that learns from such hears the words that matter,
/// wherever they stand, and not whole sentences.
/// </summary>
/// <param name="options">How much of it.</param>
/// <param name="strays">Words that may stray into a question, by language.</param>
/// <param name="plain">Words that may stray in where the answer hangs on the question's own words.</param>
internal sealed class Muddle(
    MuddleOptions options, IReadOnlyDictionary<string, string[]> strays, IReadOnlyDictionary<string, string[]> plain)
{
    private const int Fewest = 2; // words that stay

    /// <summary>A muddle of a corpus, whose own questions lend the words.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="options">How much of it.</param>
    /// <param name="asideTable">The table of sentences beside the point, which lend words too; it may be absent.</param>
    public static Muddle Of(CorpusFolder corpus, MuddleOptions options, string asideTable)
    {
        var strays = corpus.Topics.GroupBy(topic => topic.Language, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => Words(group.SelectMany(topic => topic.Turns).SelectMany(turn => turn.Questions).SelectMany(question => question.Literals)),
            StringComparer.Ordinal);
        var plain = strays.Keys.ToDictionary(language => language, Beside, StringComparer.Ordinal);
        return new Muddle(options, strays, plain);

        string[] Beside(string language)
        {
            var table = corpus.Tables.Find(asideTable) as StaticTable;
            int column = table?.Columns.ToList().IndexOf(language) ?? -1;
            return column < 0 ? [] : Words(table!.Rows.SelectMany(row => PhraseParser.Parse(row[column]).Literals));
        }
    }

    /// <summary>A question, muddled or as it was.</summary>
    /// <param name="pieces">The question.</param>
    /// <param name="language">Its language.</param>
    /// <param name="isFixed">Whether the answer is the same whatever stands in the question's slots.</param>
    /// <param name="dice">Where chance comes from.</param>
    public IReadOnlyList<Phrase.Piece> Apply(IReadOnlyList<Phrase.Piece> pieces, string language, bool isFixed, Dice dice)
    {
        if (dice.NextDouble() >= options.Chance)
            return pieces;
        var words = Split(pieces);
        if (isFixed)
        {
            LeaveOut(words, dice);
            Exchange(words, dice);
        }
        string[] lent = (isFixed ? strays : plain)[language];
        for (int n = lent.Length == 0 ? 0 : dice.Next(options.Strays + 1); n > 0; n--)
            words.Insert(dice.Next(words.Count + 1), new Word(lent[dice.Next(lent.Length)], false));
        for (int n = dice.Next(options.Slips + 1); n > 0; n--)
            Slip(words, dice);
        var muddled = new List<Phrase.Piece>(2 * words.Count);
        foreach (var word in words)
        {
            muddled.Add(new Phrase.Piece(word.Text, word.Kept));
            muddled.Add(new Phrase.Piece(" ", false));
        }
        return muddled;
    }

    private void LeaveOut(List<Word> words, Dice dice)
    {
        double share = dice.NextDouble() * options.LeftOut;
        for (int i = words.Count - 1; i >= 0 && words.Count > Fewest; i--)
        {
            if (!words[i].Kept && dice.NextDouble() < share)
                words.RemoveAt(i);
        }
    }

    private void Exchange(List<Word> words, Dice dice)
    {
        for (int n = words.Count < 2 ? 0 : dice.Next(options.Swaps + 1); n > 0; n--)
        {
            int at = dice.Next(words.Count - 1);
            (words[at], words[at + 1]) = (words[at + 1], words[at]);
        }
    }

    /// <summary>A letter inside a word is left out, doubled, or changes places with the one behind it.</summary>
    private static void Slip(List<Word> words, Dice dice)
    {
        int at = dice.Next(words.Count);
        var (text, kept) = words[at];
        if (kept || text.Length < 4)
            return;
        int letter = 1 + dice.Next(text.Length - 2);
        words[at] = words[at] with
        {
            Text = dice.Next(3) switch
            {
                0 => text.Remove(letter, 1),
                1 => text.Insert(letter, text[letter].ToString()),
                _ => text[..letter] + text[letter + 1] + text[letter] + text[(letter + 2)..],
            },
        };
    }

    /// <summary>What stands between spaces; words with a slot's text, a figure or a backtick in them are kept as they are.</summary>
    private static List<Word> Split(IReadOnlyList<Phrase.Piece> pieces)
    {
        var words = new List<Word>();
        var word = new StringBuilder();
        bool kept = false, code = false;
        foreach (var piece in pieces)
        {
            foreach (char letter in piece.Text)
            {
                code ^= letter == '`';
                if (letter == ' ' && !piece.FromSlot && !code)
                {
                    End();
                    continue;
                }
                kept |= piece.FromSlot || letter == '`' || char.IsDigit(letter);
                word.Append(letter);
            }
        }
        End();
        return words;

        void End()
        {
            if (word.Length > 0)
                words.Add(new Word(word.ToString(), kept));
            word.Clear();
            kept = code;
        }
    }

    private static string[] Words(IEnumerable<string> texts) =>
        [.. texts.SelectMany(text => text.Split(' ')).Where(word => word.Length > 1 && word.All(char.IsLetter))];

    private readonly record struct Word(string Text, bool Kept);
}

/// <summary>How much questions are muddled.</summary>
public sealed record MuddleOptions
{
    /// <summary>Chance that a question is.</summary>
    public double Chance { get; init; }

    /// <summary>The largest share of its words that are left out, where the answer does not hang on each of them.</summary>
    public double LeftOut { get; init; } = 0.4;

    /// <summary>The most words that stray in.</summary>
    public int Strays { get; init; } = 2;

    /// <summary>How often at most two neighbours change places.</summary>
    public int Swaps { get; init; } = 2;

    /// <summary>The most letters that slip.</summary>
    public int Slips { get; init; } = 2;
}
