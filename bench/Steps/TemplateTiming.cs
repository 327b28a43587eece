using System.Diagnostics;
using System.Globalization;
using Causerie.Text.Templates;

namespace Causerie.Bench.Steps;

/// <summary>Times chat templates on a conversation of twenty turns.</summary>
internal static class TemplateTiming
{
    private const int Turns = 20;
    private const double MostMilliseconds = 1;

    /// <summary>Prints a row for ChatML and for the middle and the slowest of a folder's templates.</summary>
    public static void Print(string? folder)
    {
        Console.WriteLine($"\n| template, {Turns} turns | median | target |\n|---|--:|---|");
        Row("ChatML", Milliseconds(ChatTemplate.ChatMl)!.Value);
        string[] files = folder is not null && Directory.Exists(folder) ? Directory.GetFiles(folder, "*.jinja") : [];
        var timed = files.Select(file => (Name: Path.GetFileNameWithoutExtension(file), Time: Milliseconds(file)))
            .Where(one => one.Time is not null).OrderBy(one => one.Time).ToArray();
        if (timed.Length == 0)
            return;
        Row($"the middle one of {timed.Length}", timed[timed.Length / 2].Time!.Value);
        foreach (var (name, time) in timed.TakeLast(3))
            Row(name, time!.Value);
        if (timed.Length < files.Length)
            Console.WriteLine($"\n{files.Length - timed.Length} of {files.Length} templates refuse the conversation.");
    }

    private static void Row(string name, double milliseconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {milliseconds:F3} ms | {Overheads.Mark(milliseconds < MostMilliseconds)} < {MostMilliseconds:F0} ms |"));

    private static double? Milliseconds(string file) => Milliseconds(ChatTemplate.Parse(File.ReadAllText(file)));

    /// <summary>Null where the template refuses the conversation.</summary>
    private static double? Milliseconds(ChatTemplate template)
    {
        var variables = Conversations.OfTurns(Turns);
        var times = new List<double>();
        try
        {
            var clock = Stopwatch.StartNew();
            while (times.Count < 60 || (clock.ElapsedMilliseconds < 150 && times.Count < 400))
            {
                long start = Stopwatch.GetTimestamp();
                template.Render(variables, DateTime.UnixEpoch);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        catch (TemplateException)
        {
            return null;
        }

        times.RemoveRange(0, times.Count / 2); // The compiler's second tier comes late.
        return times.Order().ElementAt(times.Count / 2);
    }
}
