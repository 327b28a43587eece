using System.Globalization;
using System.Text;
using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>A comparison for people, in Markdown.</summary>
internal sealed class Report(Settings settings)
{
    private readonly SortedDictionary<int, MachineLimits> _limits = [];
    private readonly List<Pair> _pairs = [];
    private readonly StringBuilder _text = new();

    /// <summary>Notes what the machine can do; of several measurements the best counts.</summary>
    public void Add(int threads, MachineLimits limits) =>
        _limits[threads] = _limits.TryGetValue(threads, out var other) ? limits.Or(other) : limits;

    /// <summary>Notes a pair.</summary>
    public void Add(Pair pair) => _pairs.Add(pair);

    /// <summary>The machine and its limits, which targets are reached, and a table for each pair.</summary>
    public string Markdown()
    {
        _text.Clear();
        Row[][] tables = [.. _pairs.Select(pair => Row.Of(pair, _limits[pair.Threads], settings).ToArray())];
        Head();
        Limits();
        Summary([.. tables.SelectMany(rows => rows)]);
        foreach (var rows in tables)
            Table(rows);
        return _text.ToString();
    }

    private void Head()
    {
        Line($"# Causerie beside llama.cpp");
        Line($"");
        Line($"| | |");
        Line($"|---|---|");
        Line($"| machine | {Machine.Processor}, {Machine.Memory} |");
        Line($"| date | {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC |");
        foreach (string ours in Distinct(peer: false))
            Line($"| Causerie | {ours}, {Machine.Runtime} |");
        foreach (string theirs in Distinct(peer: true))
            Line($"| llama.cpp | {theirs} |");
        string chosen = settings.Instructions.PeerVariant is null
            ? "the best that each engine finds on this processor"
            : $"{settings.Instructions.Name} for both";
        Line($"| instructions | {chosen} |");
        string[] apart = [.. _pairs.Where(pair => !pair.SameTokens).Select(pair => $"{pair.Model} {pair.Format}").Distinct()];
        Line($"| first token after each prompt | {(apart.Length == 0 ? "the same" : "not the same for " + string.Join(", ", apart))} |");
        Line($"| other programs | at most {Units.Percent(_pairs.Max(pair => pair.Disturbance))} of the processors during a timed run |");
        double resident = _pairs.Max(pair => pair.Resident);
        if (resident > 0.01)
            Line($"| cold starts | up to {Units.Percent(resident)} of a file stayed in memory: other programs have it open |");
        Line($"");
        Line($"Medians with the smallest and largest (one figure where there was one turn). Ratio: Causerie's figure by");
        Line($"llama.cpp's, so above 1 is good for speeds and below 1 for times and memory. Shares of the limit: Causerie /");
        Line($"llama.cpp. ✓ reaches the target that stands beside it, ✗ does not.");
    }

    private void Limits()
    {
        Line($"");
        Line($"| the machine, at most | memory read | fp32 multiply-adds | 8-bit multiply-adds |");
        Line($"|---|--:|--:|--:|");
        foreach (var (threads, limits) in _limits)
            Line($"| {Units.Threads(threads)} | {limits.Read:F1} GB/s | {limits.Single:F0} G/s | {limits.Bytes:F0} G/s ({limits.BytesBy}) |");
    }

    /// <summary>How many targets are reached, and what is missing.</summary>
    private void Summary(Row[] rows)
    {
        var verdicts = rows.SelectMany(row => new[]
        {
            (Row: row, row.Target, Value: row.Ratio ?? 0, Share: false),
            (Row: row, Target: row.ShareTarget, Value: row.Own.Median / (row.Limit ?? 1), Share: true),
        }).Where(verdict => verdict.Target is not null).ToArray();
        var missed = verdicts.Where(verdict => !verdict.Target!.Reached(verdict.Value)).ToArray();
        Line($"");
        Line($"**{verdicts.Length - missed.Length} of {verdicts.Length} targets reached.**{(missed.Length > 0 ? " Not yet:" : "")}");
        if (missed.Length > 0)
            Line($"");
        foreach (var (row, target, value, share) in missed)
            Line($"- {row.Pair.Model} {row.Pair.Format}, {Units.Threads(row.Pair.Threads)}, {row.Measure}: {Verdict(target!, value, share)}");
    }

    private void Table(Row[] rows)
    {
        var pair = rows[0].Pair;
        Line($"");
        Line($"## {pair.Model}, {pair.Format}, {Units.Threads(pair.Threads)}");
        Line($"");
        Line($"| measure | turns | Causerie | llama.cpp | ratio | share of the limit |");
        Line($"|---|--:|--:|--:|---|---|");
        foreach (var row in rows)
        {
            string ratio = row.Ratio is not { } value ? ""
                : row.Target is { } target ? Verdict(target, value, share: false) : Units.Ratio(value);
            Line($"| {row.Measure} | {row.Own.Count} | {row.Unit(row.Own)} | {(row.Peer is { } peer ? row.Unit(peer) : "–")} | {ratio} | {Share(row)} |");
        }
    }

    private static string Share(Row row)
    {
        if (row.Limit is not { } limit)
            return "";
        double own = row.Own.Median / limit;
        string text = row.ShareTarget is { } target ? Verdict(target, own, share: true) : Units.Percent(own);
        return $"{text} / {Units.Percent((row.Peer?.Median ?? 0) / limit)} of {row.LimitName}";
    }

    private static string Verdict(Target target, double value, bool share)
    {
        string Number(double number) => share ? Units.Percent(number) : Units.Ratio(number);
        bool reached = target.Reached(value);
        string text = Number(value);
        if (!reached && text == Number(target.Value)) // Missed by less than is printed.
            text = $"just {(target.AtMost ? "above" : "below")} {text}";
        return $"{text} {(reached ? '✓' : '✗')} ({(target.AtMost ? '≤' : '≥')} {Number(target.Value)})";
    }

    private IEnumerable<string> Distinct(bool peer) => _pairs
        .SelectMany(pair => pair.Runs(peer))
        .Select(one => $"{(peer ? one.Variant : one.Variant[..one.Variant.LastIndexOf('-')])}, {one.Instructions}")
        .Distinct();

    private void Line(FormattableString line) => _text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
