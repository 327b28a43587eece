using System.Diagnostics;

namespace Causerie.Bench.Comparison;

/// <summary>How far a long work is and how long it will still take: one line of a terminal, or lines of a log.</summary>
/// <param name="name">The work; what is being done can be told later.</param>
internal sealed class ProgressBar(string name)
{
    private const int Width = 24;
    private readonly long _start = Stopwatch.GetTimestamp();
    private string _doing = "";
    private double _logged = -1;
    private bool _ended;

    /// <summary>Shows the parts of a file that are written, as it is told them, 0 to 1.</summary>
    public static Action<double> On(string path)
    {
        var bar = new ProgressBar($"writing {Path.GetFileName(path)}");
        return bar.Show;
    }

    /// <summary>What is being done from now on; a log gets it as a line.</summary>
    public void Show(double part, string doing)
    {
        _doing = doing;
        _logged = -1;
        Show(part);
    }

    /// <summary>How much is done, 0 to 1.</summary>
    public void Show(double part)
    {
        string line = $"{name} {part,4:P0}{Left(part)}{(_doing.Length > 0 ? ": " : "")}{_doing}";
        if (Console.IsErrorRedirected)
        {
            if (_logged < 0)
                Console.Error.WriteLine(line);
            _logged = part;
            return;
        }

        if (_ended)
            return;
        int done = (int)(Math.Clamp(part, 0, 1) * Width);
        int room = Math.Max(0, Columns() - Width - 4); // A line that wraps could not be overwritten.
        Console.Error.Write(
            $"\r\e[K[{new string('█', done)}{new string('·', Width - done)}] {line[..Math.Min(line.Length, room)]}");
        _ended = part >= 1;
        if (_ended)
            Console.Error.WriteLine();
    }

    /// <summary>A line that stays, above the bar.</summary>
    public static void Note(string line) => Console.Error.WriteLine(Console.IsErrorRedirected ? line : $"\r\e[K{line}");

    private static int Columns()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80; // Not a terminal that knows.
        }
    }

    private string Left(double part)
    {
        var spent = Stopwatch.GetElapsedTime(_start);
        if (part is < 0.02 or >= 1 || spent.TotalSeconds < 3)
            return "";
        var left = spent * ((1 - part) / part);
        return left.TotalMinutes >= 1.5
            ? FormattableString.Invariant($", about {left.TotalMinutes:F0} min left")
            : FormattableString.Invariant($", about {left.TotalSeconds:F0} s left");
    }
}
