namespace Causerie.Bench.Comparison;

/// <summary>How much of a file is written, on one line of a terminal; a log gets only its name.</summary>
internal static class ProgressBar
{
    /// <summary>Shows the parts that it is told, 0 to 1.</summary>
    public static Action<double> On(string path)
    {
        string name = Path.GetFileName(path);
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine($"writing {name}");
            return _ => { };
        }

        return part =>
        {
            int done = (int)(part * 40);
            Console.Error.Write($"\r{name} [{new string('█', done)}{new string('·', 40 - done)}] {part:P0} ");
            if (part >= 1)
                Console.Error.WriteLine();
        };
    }
}
