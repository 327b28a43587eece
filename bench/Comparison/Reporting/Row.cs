using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison.Reporting;

/// <summary>One measure of a pair: what both engines reached, and what was wanted.</summary>
/// <param name="Pair">Of which.</param>
/// <param name="Measure">Its name.</param>
/// <param name="Own">Causerie's figure.</param>
/// <param name="Peer">llama.cpp's; null where it has none.</param>
/// <param name="Unit">Writes them.</param>
/// <param name="Goal">What a target may be set for.</param>
internal sealed record Row(
    Pair Pair, string Measure, Spread Own, Spread? Peer, Func<Spread, string> Unit, Goal? Goal = null)
{
    /// <summary>From this length on a prompt counts as long.</summary>
    public const int LongFrom = 2048;

    private static readonly string[] FloatFormats = ["F32", "F16", "BF16"];

    /// <summary>What the machine's limit allows, in the figure's own unit; null where there is none.</summary>
    public double? Limit { get; init; }

    /// <summary>What limits: reading, or products of 8 bits or f32.</summary>
    public string LimitName { get; init; } = "";

    /// <summary>Whether a target is set for the share of the limit.</summary>
    public bool ShareCounts { get; init; }

    /// <summary>Ours by the peer's.</summary>
    public double? Ratio => Peer is null ? null : Own.Median / Peer.Median;

    /// <summary>The target of the ratio.</summary>
    public Target? Target => Peer is null ? null : Target.Of(Goal, Pair.Format, Pair.Threads);

    /// <summary>The target of the share.</summary>
    public Target? ShareTarget => ShareCounts ? Target.Of(Reporting.Goal.ReadShare, Pair.Format, Pair.Threads) : null;

    /// <summary>All measures of a pair.</summary>
    public static IEnumerable<Row> Of(Pair pair, MachineLimits limits, Settings settings)
    {
        double reads = limits.Read * 1e9;
        bool singles = FloatFormats.Contains(pair.Format);
        double products = (singles ? limits.Single : limits.Bytes) * 1e9 / pair.ProductsPerToken;
        string productsName = singles ? "fp32" : "8-bit";
        var warm = Both(RunKind.Warm);
        for (int i = 0; i < settings.Prompts.Length; i++)
            yield return Prompt(warm, settings.Prompts[i], i);
        yield return Generation(warm, settings.Generate, 0, m => m.Generation) with { ShareCounts = true };
        for (int i = 0; i < settings.Prompts.Length; i++)
        {
            int at = i;
            yield return Generation(warm, settings.Generate, settings.Prompts[i], m => m.Prompts[at].Generation);
        }

        var longs = Both(RunKind.Long);
        for (int i = 0; longs is not null && i < settings.LongPrompts.Length; i++)
        {
            int at = i;
            yield return Prompt(longs, settings.LongPrompts[i], i);
            yield return Generation(longs, settings.LongGenerate, settings.LongPrompts[i], m => m.Prompts[at].Generation);
        }

        if (Both(RunKind.Cold) is { } cold)
        {
            var first = pair.Runs(RunKind.First, peer: false);
            yield return Figure((first, cold.Peer), "first token, first start", Started, Units.Time, null);
            yield return Figure(cold, "first token, cold", Started, Units.Time, Reporting.Goal.ColdStart);
        }

        yield return Figure(warm, "first token, warm", Started, Units.Time, null);
        yield return Figure(warm, "peak memory", m => m.PeakBytes, Units.Size, Reporting.Goal.PeakMemory);
        if (longs is not null)
            yield return Figure(
                longs, $"peak memory, {settings.LongPrompts.Max()}", m => m.PeakBytes, Units.Size,
                Reporting.Goal.PeakMemory);

        static double Started(Measurement m) => m.StartMilliseconds;

        (IReadOnlyList<Measurement> Own, IReadOnlyList<Measurement> Peer)? Both(RunKind kind) =>
            pair.Runs(kind, peer: false).Count == 0 ? null : (pair.Runs(kind, false), pair.Runs(kind, true));

        Row Figure(
            (IReadOnlyList<Measurement> Own, IReadOnlyList<Measurement> Peer)? runs, string name,
            Func<Measurement, double> figure, Func<Spread, string> unit, Goal? goal) => new(
            pair, name, Spread.Of(runs!.Value.Own.Select(figure)), Spread.Of(runs.Value.Peer.Select(figure)), unit, goal);

        Row Prompt((IReadOnlyList<Measurement>, IReadOnlyList<Measurement>)? runs, int length, int at) =>
            Figure(runs, $"prompt {length}", m => m.Prompts[at].Rate, Units.Rate,
                length < LongFrom ? Reporting.Goal.Prompt : Reporting.Goal.LongPrompt) with
            {
                Limit = products > 0 ? products : null,
                LimitName = productsName,
            };

        Row Generation(
            (IReadOnlyList<Measurement>, IReadOnlyList<Measurement>)? runs, int tokens, int depth,
            Func<Measurement, double> figure) =>
            Figure(runs, depth == 0 ? $"generation {tokens}" : $"generation {tokens} after {depth}", figure, Units.Rate,
                Reporting.Goal.Generation) with
            {
                Limit = reads / pair.BytesAt(depth),
                LimitName = "reading",
            };
    }
}
