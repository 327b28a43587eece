using System.Globalization;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Inference;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Sampling;
using Causerie.Inference.Scheduling;
using Causerie.Text.Tokenizers;

namespace Causerie.Bench.Steps;

/// <summary>Runs steps as the engine does and takes the time of their parts.</summary>
internal static class StepTiming
{
    /// <summary>Steps before those that are measured.</summary>
    public const int Warm = 40;

    /// <summary>Greedy, and what a request gets that asks for nothing.</summary>
    public static IReadOnlyList<(string Name, SamplingOptions Options)> Samplings { get; } =
        [("greedy", SamplingOptions.Greedy), ("default samplers", new SamplingOptions { Seed = 1 })];

    /// <summary>Microseconds of each part, token by token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="tokens">Measured steps.</param>
    /// <param name="rows">Tokens of a step: 1 as in generation, more as in prompts.</param>
    /// <param name="sampling">How the next token is picked.</param>
    /// <param name="sequences">Sequences that have as many rows each; one of them is sampled.</param>
    public static Dictionary<StepPart, List<double>> Measure(
        LoadedModel model, int threads, int tokens, int rows, SamplingOptions sampling, int sequences = 1)
    {
        using var pool = new WorkerPool(threads);
        var profile = new StepProfile(TimeProvider.System);
        var state = model.Forward.NewState(pool);
        state.Profile = profile;
        int room = Math.Min(model.ContextLength, rows * (tokens + Warm));
        using var pages = new PagePool(model.KvShape, KvPages.For(room) * sequences);
        BlockTable[] tables = [.. Enumerable.Range(0, sequences).Select(_ => new BlockTable(pages))];
        foreach (var table in tables)
            table.TryReserve(room);
        var batch = new Batch();
        var sampler = Sampler.Create(sampling, model.SamplerDefaults, model.Tokenizer, 1);
        var text = new Detokenizer(model.Tokenizer);
        int[] ids = [.. Enumerable.Range(1, rows).Select(i => (int)(i * 7919L % model.Parameters.VocabularySize))];
        var parts = Enum.GetValues<StepPart>().ToDictionary(part => part, _ => new List<double>());
        int position = 0;
        for (int step = -Math.Min(Warm, tokens); step < tokens; step++)
        {
            if (position + rows > room)
                position = 0;
            batch.Clear();
            foreach (var table in tables)
                batch.Add(table, ids, position, WantedLogits.Last);
            position += rows;
            profile.Start();
            model.Forward.Run(state, batch);
            int picked = sampler.Pick(state.Logits.AsSpan(0, model.Parameters.VocabularySize));
            sampler.Accept(picked);
            profile.Mark(StepPart.Sampling);
            text.Add(picked);
            profile.Mark(StepPart.Detokenising);
            ids[^1] = picked;
            if (step >= 0)
                foreach (var (part, list) in parts)
                    list.Add(profile.Spent(part).TotalMicroseconds);
        }

        return parts;
    }

    /// <summary>One table: medians, least and shares.</summary>
    public static void Print(string title, Dictionary<StepPart, List<double>> parts)
    {
        double median = parts.Values.Sum(Median), least = parts.Values.Sum(list => list.Min());
        Console.WriteLine($"\n{title}\n| part | median µs | share | least µs | share |\n|---|---|---|---|---|");
        foreach (var (part, list) in parts)
            Row(part.ToString(), Median(list), list.Min());
        Row("all", median, least);
        double outside = 0, leastOutside = 0;
        foreach (var (part, list) in parts)
        {
            if (part is StepPart.Products or StepPart.Head or StepPart.Attention)
                continue;
            outside += Median(list);
            leastOutside += list.Min();
        }
        Row("outside products, head and attention", outside, leastOutside);

        void Row(string name, double middle, double smallest) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {middle:F1} | {middle / median:P2} | {smallest:F1} | {smallest / least:P2} |"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
