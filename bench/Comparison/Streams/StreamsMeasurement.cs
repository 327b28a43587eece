using Causerie.Bench.Comparison.Measuring;

namespace Causerie.Bench.Comparison.Streams;

/// <summary>What one process measured of one engine under several streams.</summary>
/// <param name="Variant">Which variant of the engine ran.</param>
/// <param name="Figures">By name: tokens each second, or milliseconds.</param>
/// <param name="Disturbance">The part of the processors that others used meanwhile, 0 to 1.</param>
internal sealed record StreamsMeasurement(string Variant, IReadOnlyDictionary<string, double> Figures, double Disturbance)
{
    /// <summary>Tokens of each stream's prompt.</summary>
    public const int Prompt = 128;

    /// <summary>Tokens of the prompt that is asked twice.</summary>
    public const int Twice = 1520;

    /// <summary>Those that are the same both times.</summary>
    public const int Shared = 1500;

    /// <summary>Tokens of the prompt that arrives while others write.</summary>
    public const int Arriving = 4000;

    /// <summary>Measures in this process.</summary>
    public static async Task<StreamsMeasurement> RunAsync(Options options)
    {
        int threads = options.Number("--threads", 2), streams = options.Number("--streams", 8);
        int generate = options.Number("--generate", 64);
        bool latency = options["--part"] == "latency";
        string model = options.Word(0, "model");
        int context = latency ? Arriving + 96 : Prompt + generate + (streams * Prompt) + 96;
        int sequences = streams + (latency ? 1 : 0);
        await using IStreams engine = options["--peer"] is { } folder
            ? new PeerStreams(new LlamaContext(folder, model, context, threads, InstructionSet.Of(null), sequences))
            : new OwnStreams(model, context, threads, sequences);

        // Until the compiler's second tier has replaced the first, for one stream and for several.
        await engine.GenerateAsync([Ids(engine, 1, Prompt)], 32);
        if (streams > 1)
            await engine.GenerateAsync([.. Enumerable.Range(1000, Math.Min(streams, 8)).Select(seed => Ids(engine, seed, 32))], 48);
        var others = new Neighbours();
        var figures = new Dictionary<string, double>();
        int[][] prompts = [.. Enumerable.Range(2, streams).Select(seed => Ids(engine, seed, Prompt))];
        if (latency)
        {
            int[] first = Ids(engine, 100, Twice), second = [.. first[..Shared], .. Ids(engine, 101, Twice - Shared)];
            (figures["cold"], figures["cached"]) = await engine.PromptsAsync(first, second, Shared);
            var (gaps, arrived) = await engine.GapsAsync(prompts, Ids(engine, 102, Arriving));
            Array.Sort(gaps);
            figures["gap95"] = gaps[(int)(0.95 * (gaps.Length - 1))];
            figures["gapMost"] = gaps[^1];
            figures["arrived"] = arrived;
        }
        else
        {
            figures["rate"] = await engine.GenerateAsync(prompts, generate);
        }

        foreach (string time in figures.Keys.Where(name => name != "rate").ToArray())
            figures[time] *= 1000;
        return new StreamsMeasurement(engine.Variant, figures, others.Share());
    }

    /// <summary>Spread over the vocabulary without a pattern, and without a beginning that others share.</summary>
    private static int[] Ids(IStreams engine, int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Math.Min(engine.Vocabulary, 100_000)))];
    }
}
