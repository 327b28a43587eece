using System.Text.Json;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Tests.Models;

/// <summary>Logits of a model file at every position, and how far they are from the peer's.</summary>
internal static class PeerLogits
{
    public static JsonElement Case(string json, string file) =>
        JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("cases").EnumerateArray()
            .Single(entry => entry.GetProperty("file").GetString() == file);

    public static T[] Numbers<T>(JsonElement array) => array.Deserialize<T[]>()!;

    public static float[][] Rows(JsonElement rows) => [.. rows.EnumerateArray().Select(Numbers<float>)];

    /// <summary>
    /// [tokens][vocabulary] logits, in chunks of <paramref name="chunk"/> tokens, beside other sequences; or
    /// [chunks][vocabulary] of each chunk's last token.
    /// </summary>
    public static float[][] Compute(
        string path, int[] tokens, int chunk = int.MaxValue, KvElement element = KvElement.F32, int[]? others = null,
        WantedLogits wanted = WantedLogits.All)
    {
        using var file = GgufFile.Open(path);
        using var pool = new WorkerPool(2);
        const int Context = 128;
        var forward = Architecture.Of(file.Metadata).Load(file, Context);
        var shape = KvShape.Of(forward.Parameters, element, Context);
        var state = forward.NewState(pool);
        using var pages = new PagePool(shape, 3 * shape.MaxPages);
        var kv = Table();
        int width = forward.Parameters.VocabularySize;
        var rows = new List<float[]>();
        for (int start = 0; start < tokens.Length;)
        {
            int count = Math.Min(chunk, tokens.Length - start);
            var batch = new Batch();
            BlockTable[] beside = [Table(), Table()];
            if (others is not null)
                batch.Add(beside[0], others, 0, WantedLogits.Last);
            batch.Add(kv, tokens.AsSpan(start, count), start, wanted);
            if (others is not null)
                batch.Add(beside[1], others, 0, WantedLogits.None);
            var logits = forward.Run(state, batch)[(others is null ? 0 : width)..];
            for (int i = 0; i < (wanted == WantedLogits.All ? count : 1); i++)
                rows.Add(logits.Slice(i * width, width).ToArray());
            foreach (var table in beside)
                table.Clear();
            start += count;
        }
        return [.. rows];

        BlockTable Table()
        {
            var table = new BlockTable(pages);
            Assert.True(table.TryReserve(Context));
            return table;
        }
    }

    /// <summary>Σ(actual − exact)² / Σ exact², over all positions.</summary>
    public static double NormalisedError(float[][] actual, float[][] exact)
    {
        double error = 0, energy = 0;
        for (int t = 0; t < exact.Length; t++)
            for (int i = 0; i < exact[t].Length; i++)
            {
                error += Math.Pow(actual[t][i] - exact[t][i], 2);
                energy += Math.Pow(exact[t][i], 2);
            }
        return error / energy;
    }

    public static int ArgMax(float[] row) => Array.IndexOf(row, row.Max());
}
