using System.Globalization;
using Causerie.Host.Commands.Chatting;
using Spectre.Console;

namespace Causerie.Host.Commands.Loading;

/// <summary>One line on standard error that says what is being waited for, with a bar; gone when it is over.</summary>
/// <remarks>
/// Nothing is drawn where standard error is no screen, nor before <see cref="Patience"/>: most waits are shorter, and a
/// bar that flashes up tells nobody anything. It never ends with a line break, so that other lines can take its place.
/// </remarks>
internal sealed class StatusLine(Terminal terminal) : IDisposable
{
    /// <summary>Moves to the beginning of the line and clears it.</summary>
    public const string Erase = "\r\e[K";

    /// <summary>How long a wait is before it is shown.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private const int BarWidth = 24;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private string _text = "";
    private double? _fraction;
    private bool _drawn;

    /// <summary>Says what is being done from now on, until <see cref="Clear"/>.</summary>
    /// <param name="text">What, in words.</param>
    /// <param name="fraction">How much of it is done, 0 to 1; null where that is not known.</param>
    public void Show(string text, double? fraction)
    {
        if (!terminal.Animated)
            return;
        lock (_lock)
        {
            (_text, _fraction) = (text, fraction);
            _timer ??= terminal.Time.CreateTimer(_ => Draw(), null, Patience, Frame);
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            Hide();
        }
    }

    /// <summary>Writes a line that stays, in the place of the one that does not.</summary>
    public void WriteLine(string line)
    {
        lock (_lock)
        {
            Hide();
            terminal.Error.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Hide()
    {
        if (_drawn)
            terminal.Error.Write(Erase);
        _drawn = false;
    }

    private void Draw()
    {
        lock (_lock)
        {
            // A tick may come after the timer was taken away.
            if (_timer is null)
                return;
            int bar = _fraction is null ? 0 : BarWidth + 8;
            var line = new Paragraph(Shorten(_text, terminal.Width() - bar - 1));
            if (_fraction is { } fraction)
            {
                int done = (int)(Math.Clamp(fraction, 0, 1) * BarWidth);
                string percent = (fraction * 100).ToString("0", CultureInfo.InvariantCulture);
                line.Append("  ").Append(new string('━', done), new Style(Color.Green))
                    .Append(new string('─', BarWidth - done), new Style(Color.Grey)).Append($" {percent,3} %");
            }

            terminal.Error.Write(Erase);
            terminal.Notes().Write(line);
            _drawn = true;
        }
    }

    // Only a line that fits can be taken back.
    private static string Shorten(string text, int cells)
    {
        while (text.Length > 0 && text.EnumerateRunes().Sum(CellWidth.Of) > cells)
            text = text[..^1];
        return text;
    }
}
