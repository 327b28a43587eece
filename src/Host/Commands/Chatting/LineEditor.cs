using System.Text;

namespace Causerie.Host.Commands.Chatting;

/// <summary>Reads a message at the keyboard: many lines, editing, history, pastes that stay one message.</summary>
internal sealed class LineEditor(Terminal terminal, Keyboard keyboard)
{
    private const string PasteStart = "[200~";
    private const string PasteEnd = "[201~";

    private readonly List<string> _history = [];
    private readonly LineBuffer _line = new();
    private int _cursorRow;
    private int _recalled;
    private string _draft = "";

    /// <summary>Reads a message.</summary>
    /// <returns>The text; <see cref="LineEnd.Left"/> at Ctrl-D, <see cref="LineEnd.Interrupted"/> at Ctrl-C.</returns>
    public (string Text, LineEnd End) Read(string prompt)
    {
        _line.Set("");
        _recalled = _history.Count;
        _cursorRow = 0;
        keyboard.TakeControlC(true);
        // Bracketed paste: the terminal marks where a paste begins and ends.
        terminal.Out.Write("\e[?2004h");
        try
        {
            Draw(prompt);
            while (true)
            {
                var end = Take(keyboard.ReadKey());
                if (end is { } ended)
                    return Finish(prompt, ended);
                // A paste arrives faster than it needs to be drawn.
                if (!keyboard.KeyAvailable())
                    Draw(prompt);
            }
        }
        finally
        {
            terminal.Out.Write("\e[?2004l");
            keyboard.TakeControlC(false);
        }
    }

    private (string, LineEnd) Finish(string prompt, LineEnd end)
    {
        _line.Set(_line.ToString());
        Draw(prompt);
        terminal.Out.Write("\r\n");
        string text = _line.ToString();
        if (end == LineEnd.Sent && text.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != text))
            _history.Add(text);
        return (text, end);
    }

    // What a key does; an end where it ends the message.
    private LineEnd? Take(ConsoleKeyInfo key)
    {
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.Enter when alt || keyboard.KeyAvailable():
                _line.Insert("\n");
                return null;
            case ConsoleKey.Enter:
                return Enter();
            case ConsoleKey.C when control:
                return LineEnd.Interrupted;
            case ConsoleKey.D when control && _line.Length == 0:
                return LineEnd.Left;
            case ConsoleKey.D when control:
                _line.Delete();
                return null;
            case ConsoleKey.J when control:
                _line.Insert("\n");
                return null;
            case ConsoleKey.Escape:
                Escape();
                return null;
        }

        if (control || alt ? !Shortcut(key.Key) : !Move(key.Key))
            Type(key);
        return null;
    }

    private LineEnd? Enter()
    {
        string text = _line.ToString();
        if (_line.Cursor != text.Length || !text.EndsWith('\\'))
            return LineEnd.Sent;
        _line.Backspace();
        _line.Insert("\n");
        return null;
    }

    private bool Move(ConsoleKey key)
    {
        Action? move = key switch
        {
            ConsoleKey.LeftArrow => _line.Left,
            ConsoleKey.RightArrow => _line.Right,
            ConsoleKey.Home => _line.Home,
            ConsoleKey.End => _line.End,
            ConsoleKey.Backspace => _line.Backspace,
            ConsoleKey.Delete => _line.Delete,
            ConsoleKey.UpArrow => () => Up(-1),
            ConsoleKey.DownArrow => () => Up(+1),
            _ => null,
        };
        move?.Invoke();
        return move is not null;
    }

    // The shortcuts of readline.
    private bool Shortcut(ConsoleKey key)
    {
        Action? action = key switch
        {
            ConsoleKey.A => _line.Home,
            ConsoleKey.E => _line.End,
            ConsoleKey.U => _line.DeleteToHome,
            ConsoleKey.K => _line.DeleteToEnd,
            ConsoleKey.W or ConsoleKey.Backspace => _line.DeleteWord,
            ConsoleKey.B or ConsoleKey.LeftArrow => _line.WordLeft,
            ConsoleKey.F or ConsoleKey.RightArrow => _line.WordRight,
            ConsoleKey.P => () => Up(-1),
            ConsoleKey.N => () => Up(+1),
            ConsoleKey.L => Clear,
            _ => null,
        };
        action?.Invoke();
        return action is not null;
    }

    private void Clear()
    {
        terminal.Out.Write("\e[H\e[2J");
        _cursorRow = 0;
    }

    private void Up(int direction)
    {
        if (_line.Vertical(direction))
            return;
        int next = _recalled + direction;
        if (next < 0 || next > _history.Count)
            return;
        if (_recalled == _history.Count)
            _draft = _line.ToString();
        _recalled = next;
        _line.Set(next == _history.Count ? _draft : _history[next]);
    }

    private void Type(ConsoleKeyInfo key)
    {
        char letter = key.KeyChar;
        if (letter == '\t')
            _line.Insert("    ");
        else if (!char.IsControl(letter))
            _line.Insert(letter.ToString());
    }

    // An escape that more keys follow at once begins a sequence; the only one of interest is a paste's start.
    private void Escape()
    {
        var sequence = new StringBuilder();
        while (sequence.Length < PasteStart.Length && keyboard.KeyAvailable())
            sequence.Append(keyboard.ReadKey().KeyChar);
        if (sequence.ToString() == PasteStart)
            Paste();
    }

    private void Paste()
    {
        var text = new StringBuilder();
        while (true)
        {
            var key = keyboard.ReadKey();
            if (key.Key == ConsoleKey.Escape)
            {
                var sequence = new StringBuilder();
                while (sequence.Length < PasteEnd.Length && keyboard.KeyAvailable())
                    sequence.Append(keyboard.ReadKey().KeyChar);
                if (sequence.ToString() == PasteEnd)
                    break;
            }
            else if (key.Key == ConsoleKey.Enter || key.KeyChar is '\n' or '\r')
            {
                text.Append('\n');
            }
            else if (key.KeyChar is '\t' || !char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar == '\t' ? "    " : key.KeyChar.ToString());
            }
        }

        _line.Insert(text.ToString());
    }

    // Draws everything anew: up to the first row, clear, prompt, text, and back to the cursor.
    private void Draw(string prompt)
    {
        int width = Math.Max(10, terminal.Width());
        var screen = new StringBuilder("\e[?25l\r");
        if (_cursorRow > 0)
            screen.Append($"\e[{_cursorRow}A");
        screen.Append("\e[J");
        string coloured = terminal.Colourful ? $"\e[32m{prompt}\e[0m" : prompt;
        string margin = new(' ', prompt.Length);
        screen.Append(coloured);
        string text = _line.ToString();
        int row = 0, column = prompt.Length, cursorRow = 0, cursorColumn = column, at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (at == _line.Cursor)
                (cursorRow, cursorColumn) = (row, column);
            at += rune.Utf16SequenceLength;
            if (rune.Value == '\n')
            {
                screen.Append("\r\n").Append(margin);
                (row, column) = (row + 1, margin.Length);
                continue;
            }

            int cells = CellWidth.Of(rune);
            if (column + cells > width)
            {
                screen.Append("\r\n");
                (row, column) = (row + 1, 0);
            }

            screen.Append(rune);
            column += cells;
        }

        if (at == _line.Cursor)
            (cursorRow, cursorColumn) = (row, column);
        if (row > cursorRow)
            screen.Append($"\e[{row - cursorRow}A");
        screen.Append('\r');
        if (cursorColumn > 0)
            screen.Append($"\e[{Math.Min(cursorColumn, width - 1)}C");
        screen.Append("\e[?25h");
        terminal.Out.Write(screen);
        _cursorRow = cursorRow;
    }
}

/// <summary>How a message at the keyboard ended.</summary>
internal enum LineEnd
{
    /// <summary>With Enter.</summary>
    Sent,

    /// <summary>With Ctrl-C.</summary>
    Interrupted,

    /// <summary>With Ctrl-D: the person leaves.</summary>
    Left,
}
