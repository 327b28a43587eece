using System.Text;

namespace Causerie.Training.Corpus;

/// <summary>A text with alternatives and slots, such as <c>[[Hi|Hello]], what is the capital of &lt;&lt;countries.of_en&gt;&gt;?</c></summary>
public sealed class Phrase
{
    private readonly Part[] _parts;

    internal Phrase(IEnumerable<Part> parts) => _parts = [.. parts];

    /// <summary>The slots in it, alternatives included.</summary>
    public IEnumerable<Slot> Slots => _parts.SelectMany(part => part switch
    {
        Slot slot => [slot],
        Choice choice => choice.Alternatives.SelectMany(phrase => phrase.Slots),
        _ => Enumerable.Empty<Slot>(),
    });

    /// <summary>The texts in it that stand outside slots, alternatives included.</summary>
    internal IEnumerable<string> Literals => _parts.SelectMany(part => part switch
    {
        Literal literal => [literal.Text],
        Choice choice => choice.Alternatives.SelectMany(phrase => phrase.Literals),
        _ => Enumerable.Empty<string>(),
    });

    /// <summary>How many texts it can become, slots not counted; at most 2^62.</summary>
    public long Variants => _parts.OfType<Choice>().Aggregate(1L, (product, choice) =>
    {
        long sum = choice.Alternatives.Sum(phrase => Math.Min(phrase.Variants, 1L << 40));
        return product > (1L << 62) / sum ? 1L << 62 : product * sum;
    });

    /// <summary>Draws one of its texts.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="rows">The rows that fill its slots.</param>
    public string Draw(Dice dice, RowSet rows) => string.Concat(Pieces(dice, rows).Select(piece => piece.Text));

    /// <summary>The same in pieces, of which those from slots may not be altered.</summary>
    internal IReadOnlyList<Piece> Pieces(Dice dice, RowSet rows)
    {
        var pieces = new List<Piece>();
        Add(pieces, dice, rows);
        return pieces;
    }

    private void Add(List<Piece> pieces, Dice dice, RowSet rows)
    {
        foreach (var part in _parts)
        {
            switch (part)
            {
                case Literal literal:
                    pieces.Add(new Piece(literal.Text, false));
                    break;
                case Slot slot:
                    AddCell(pieces, rows.Cell(slot, dice), dice, rows);
                    break;
                case Choice choice:
                    choice.Alternatives[dice.Next(choice.Alternatives.Count)].Add(pieces, dice, rows);
                    break;
            }
        }
    }

    /// <summary>A cell with alternatives is a phrase itself, of words that are typed as others are.</summary>
    private static void AddCell(List<Piece> pieces, string cell, Dice dice, RowSet rows)
    {
        if (HasAlternatives(cell))
            PhraseParser.Parse(cell).Add(pieces, dice, rows);
        else
            pieces.Add(new Piece(cell, true));
    }

    /// <summary>Whether a cell is a phrase.</summary>
    internal static bool HasAlternatives(string cell) => cell.Contains("[[", StringComparison.Ordinal);

    /// <summary>A part of a phrase.</summary>
    public abstract record Part;

    /// <summary>Text as it stands.</summary>
    public sealed record Literal(string Text) : Part;

    /// <summary>One of several phrases.</summary>
    public sealed record Choice(IReadOnlyList<Phrase> Alternatives) : Part;

    /// <summary>A cell of a drawn row.</summary>
    /// <param name="Table">The table's name.</param>
    /// <param name="Number">1 for the first row of that table in a dialogue, 2 for the second …</param>
    /// <param name="Column">The column's name.</param>
    public sealed record Slot(string Table, int Number, string Column) : Part;

    /// <summary>Some text, and whether a slot gave it.</summary>
    internal readonly record struct Piece(string Text, bool FromSlot);
}

/// <summary>Reads phrases.</summary>
public static class PhraseParser
{
    private const int Deepest = 20;

    /// <summary>The phrase that a text says.</summary>
    /// <exception cref="FormatException">Brackets do not match, or a slot is malformed.</exception>
    public static Phrase Parse(string text)
    {
        int at = 0;
        var phrase = Read(text, ref at, depth: 0);
        return at == text.Length ? phrase : throw new FormatException($"'{text[at..]}' is left over: ']]' without '[['.");
    }

    private static Phrase Read(string text, ref int at, int depth)
    {
        var parts = new List<Phrase.Part>();
        var literal = new StringBuilder();
        while (at < text.Length)
        {
            var rest = text.AsSpan(at);
            if (rest.StartsWith("[["))
            {
                End();
                at += 2;
                parts.Add(ReadChoice(text, ref at, depth + 1));
            }
            else if (rest.StartsWith("<<"))
            {
                End();
                parts.Add(ReadSlot(text, ref at));
            }
            else if (rest.StartsWith("]]") || (depth > 0 && rest[0] == '|'))
            {
                break;
            }
            else if (rest.StartsWith(">>"))
            {
                throw new FormatException("'>>' without '<<'.");
            }
            else
            {
                literal.Append(text[at++]);
            }
        }
        End();
        return new Phrase(parts);

        void End()
        {
            if (literal.Length > 0)
                parts.Add(new Phrase.Literal(literal.ToString()));
            literal.Clear();
        }
    }

    private static Phrase.Choice ReadChoice(string text, ref int at, int depth)
    {
        if (depth > Deepest)
            throw new FormatException($"Alternatives stand in one another more than {Deepest} deep.");
        var alternatives = new List<Phrase>();
        while (true)
        {
            alternatives.Add(Read(text, ref at, depth));
            if (at >= text.Length)
                throw new FormatException("'[[' without ']]'.");
            if (text[at] == '|')
            {
                at++;
                continue;
            }
            at += 2;
            return new Phrase.Choice(alternatives);
        }
    }

    private static Phrase.Slot ReadSlot(string text, ref int at)
    {
        int end = text.IndexOf(">>", at, StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("'<<' without '>>'.");
        string inside = text[(at + 2)..end];
        at = end + 2;
        string[] words = inside.Split('.');
        if (words is not [var table, var column] || column.Length == 0)
            throw new FormatException($"'<<{inside}>>' is no slot: it is <<table.column>>.");
        string[] numbered = table.Split('#');
        int number = 1;
        if (numbered.Length > 2 || numbered[0].Length == 0
            || (numbered.Length == 2 && (!int.TryParse(numbered[1], out number) || number is < 1 or > 9)))
            throw new FormatException($"'<<{inside}>>' is no slot: a row's number is 1 to 9.");
        return new Phrase.Slot(numbered[0], number, column);
    }
}
