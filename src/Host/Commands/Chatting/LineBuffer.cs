using System.Text;

namespace Causerie.Host.Commands.Chatting;

/// <summary>The text being written and the cursor in it; moves by whole characters as people see them.</summary>
internal sealed class LineBuffer
{
    private readonly StringBuilder _text = new();

    /// <summary>UTF-16 units before the cursor.</summary>
    public int Cursor { get; private set; }

    public int Length => _text.Length;

    public override string ToString() => _text.ToString();

    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    /// <summary>Replaces everything; the cursor goes to the end.</summary>
    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = text.Length;
    }

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    /// <summary>To the start of the line that the cursor is in.</summary>
    public void Home() => Cursor = LineStart(Cursor);

    /// <summary>To the end of the line that the cursor is in.</summary>
    public void End() => Cursor = LineEnd(Cursor);

    public void Backspace() => Remove(Before(Cursor), Cursor);

    public void Delete() => Remove(Cursor, After(Cursor));

    public void DeleteToHome() => Remove(LineStart(Cursor), Cursor);

    public void DeleteToEnd() => Remove(Cursor, LineEnd(Cursor));

    public void DeleteWord() => Remove(WordBefore(), Cursor);

    public void WordLeft() => Cursor = WordBefore();

    public void WordRight()
    {
        while (Cursor < Length && !char.IsLetterOrDigit(_text[Cursor]))
            Cursor++;
        while (Cursor < Length && char.IsLetterOrDigit(_text[Cursor]))
            Cursor++;
    }

    /// <summary>To the same place in the line above or below.</summary>
    /// <returns>False where there is none.</returns>
    public bool Vertical(int lines)
    {
        int start = LineStart(Cursor);
        int column = Cursor - start;
        if (lines < 0 ? start == 0 : LineEnd(Cursor) == Length)
            return false;
        int target = lines < 0 ? LineStart(start - 1) : LineEnd(Cursor) + 1;
        Cursor = Math.Min(target + column, LineEnd(target));
        return true;
    }

    private void Remove(int from, int to)
    {
        _text.Remove(from, to - from);
        Cursor = from;
    }

    private int WordBefore()
    {
        int at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(_text[at - 1]))
            at--;
        while (at > 0 && char.IsLetterOrDigit(_text[at - 1]))
            at--;
        return at;
    }

    private int LineStart(int at)
    {
        while (at > 0 && _text[at - 1] != '\n')
            at--;
        return at;
    }

    private int LineEnd(int at)
    {
        while (at < Length && _text[at] != '\n')
            at++;
        return at;
    }

    // A grapheme is what one press of an arrow should pass: a letter with its accents, an emoji with its parts.
    private int After(int at) =>
        at >= Length ? Length : at + System.Globalization.StringInfo.GetNextTextElementLength(_text.ToString(), at);

    private int Before(int at)
    {
        int start = LineStart(Math.Max(0, at - 1));
        int last = start;
        while (start < at)
        {
            last = start;
            start = After(start);
        }

        return last;
    }
}
