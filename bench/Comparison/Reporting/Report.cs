using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>The table of a comparison, in Markdown.</summary>
internal sealed class Report(int[] prompts, int generate, int turns)
{
    private readonly SortedDictionary<int, MachineLimits> _limits = [];
    private readonly List<Pair> _pairs = [];
    private readonly StringBuilder _text = new();

    /// <summary>Notes what the machine can do; of several measurements the best counts.</summary>
    public void Add(int threads, MachineLimits limits) =>
        _limits[threads] = _limits.TryGetValue(threads, out var other) ? limits.Or(other) : limits;

    /// <summary>Notes a pair.</summary>
    public void Add(Pair pair) => _pairs.Add(pair);

    /// <summary>The whole table with the date, the machine and its limits.</summary>
    public string Markdown()
    {
        _text.Clear();
        Line($"{DateTime.UtcNow:yyyy-MM-dd}, {Machine()}, {RuntimeInformation.FrameworkDescription}.");
        Line($"llama.cpp: {string.Join(", ", _pairs.Select(pair => pair.Variants.Peer).Distinct())}.");
        Line($"Medians of {turns} turns, with the smallest and largest; speeds in tokens/s. Above 1 is good for us in the");
        Line($"ratios of speeds, below 1 in those of times and memory.");
        string[] apart = [.. _pairs.Where(pair => !pair.SameTokens).Select(pair => $"{pair.Model} {pair.Format}").Distinct()];
        Line($"First token after each prompt: {(apart.Length == 0 ? "the same" : "not the same for " + string.Join(", ", apart))}.");
        Line($"Other programs used at most {_pairs.Max(pair => pair.Disturbance):P0} of the processors during a timed run.");
        Line($"");
        Line($"| threads | memory read, GB/s | fp32 multiply-adds, G/s | 8-bit multiply-adds, G/s |");
        Line($"|---|---|---|---|");
        foreach (var (threads, limits) in _limits)
            Line($"| {threads} | {limits.Read:F1} | {limits.Single:F0} | {limits.Bytes:F0} |");
        foreach (var model in _pairs.GroupBy(pair => pair.Model))
        {
            Line($"");
            Line($"**{model.Key}**");
            Line($"");
            Line($"| format | threads | measure | Causerie | llama.cpp | ratio | share of read limit |");
            Line($"|---|---|---|---|---|---|---|");
            foreach (var pair in model)
                Rows(pair);
        }

        return _text.ToString();
    }

    private void Rows(Pair pair)
    {
        Speed(pair, $"generation {generate}", m => m.Generation, reads: true);
        for (int i = 0; i < prompts.Length; i++)
        {
            int which = i;
            Speed(pair, $"prompt {prompts[i]}", m => m.Prompts[which].Rate, reads: false);
            Speed(pair, $"generation {generate} after {prompts[i]}", m => m.Prompts[which].Generation, reads: true);
        }

        if (pair.Cold is { } cold)
            Row(pair, "first token, cold, ms", cold, "F0", "");
        Row(pair, "first token, warm, ms", pair.Of(m => m.StartMilliseconds), "F0", "");
        Row(pair, "peak memory, MB", pair.Of(m => m.PeakBytes / 1e6), "F0", "");
    }

    private void Speed(Pair pair, string measure, Func<Measurement, double> figure, bool reads)
    {
        var both = pair.Of(figure);
        double limit = _limits[pair.Threads].Read * 1e9 / pair.BytesPerToken;
        string share = reads
            ? string.Create(CultureInfo.InvariantCulture, $"{both.Own.Median / limit:P0} / {both.Peer.Median / limit:P0}")
            : "";
        Row(pair, measure, both, "F1", share);
    }

    private void Row(Pair pair, string measure, (Spread Own, Spread Peer) both, string format, string share) => Line(
        $"| {pair.Format} | {pair.Threads} | {measure} | {both.Own.Text(format)} | {both.Peer.Text(format)} | {both.Own.Median / both.Peer.Median:F2} | {share} |");

    private void Line(FormattableString line) => _text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Machine()
    {
        var fields = File.ReadLines("/proc/cpuinfo").TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2)).Where(field => field.Length == 2)
            .ToDictionary(field => field[0].Trim(), field => field[1].Trim());
        return $"{fields["model name"]}, family {fields["cpu family"]}, {Environment.ProcessorCount} processors";
    }
}
