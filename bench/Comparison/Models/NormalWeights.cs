using Causerie.Compute.Formats;

namespace Causerie.Bench.Comparison.Models;

/// <summary>Writes weights that look normally distributed and depend on nothing but a seed and their place.</summary>
internal static class NormalWeights
{
    private const int ChunkLength = 1 << 18;

    /// <summary>Writes <paramref name="count"/> weights, quantised on all processors.</summary>
    /// <param name="stream">Receives the blocks.</param>
    /// <param name="format">Their encoding; <paramref name="count"/> is whole blocks of it.</param>
    /// <param name="count">Weights.</param>
    /// <param name="deviation">Their standard deviation.</param>
    /// <param name="seed">Chooses the weights.</param>
    /// <param name="written">Told how many weights were written since the last time.</param>
    public static void Write(
        Stream stream, TensorFormat format, long count, float deviation, ulong seed, Action<long> written)
    {
        int workers = Environment.ProcessorCount * 4;
        float[][] values = [.. Enumerable.Range(0, workers).Select(_ => new float[ChunkLength])];
        byte[][] blocks = [.. values.Select(_ => new byte[format.BytesFor(ChunkLength)])];
        for (long start = 0; start < count; start += (long)workers * ChunkLength)
        {
            long rest = count - start;
            int chunks = (int)Math.Min(workers, (rest + ChunkLength - 1) / ChunkLength);
            Parallel.For(0, chunks, chunk =>
            {
                var part = values[chunk].AsSpan(0, LengthOf(chunk));
                Fill(part, deviation, Mix(seed ^ Mix((ulong)(start / ChunkLength) + (ulong)chunk)));
                format.Quantize(part, blocks[chunk].AsSpan(0, (int)format.BytesFor(part.Length)));
            });
            for (int chunk = 0; chunk < chunks; chunk++)
                stream.Write(blocks[chunk], 0, (int)format.BytesFor(LengthOf(chunk)));
            written(Math.Min(rest, (long)workers * ChunkLength));

            int LengthOf(int chunk) => (int)Math.Min(ChunkLength, rest - ((long)chunk * ChunkLength));
        }
    }

    /// <summary>Sums of four uniform numbers, which are near enough to normal and cheap.</summary>
    private static void Fill(Span<float> values, float deviation, ulong state)
    {
        // A uniform number of [0, 2¹⁶) has the variance 2³²/12, so four have 2³²/3.
        float scale = deviation * MathF.Sqrt(3) / 65536;
        for (int i = 0; i < values.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            ulong bits = Mix(state);
            int sum = (int)((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48));
            values[i] = (sum - 131070) * scale;
        }
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
