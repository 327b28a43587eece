using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Kernels;

/// <summary>A query's result has the same bits however it is computed, over random shapes.</summary>
public sealed class AttentionBitsTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    private static int[] Dims { get; } = [1, 5, 16, 17, 31, 32, 40, 48, 64, 80, 96, 100, 128];

    private static int[] Lengths { get; } = [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 128, 200, 511, 512, 513, 1023, 1040, 1100, 2100];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_bits_are_the_same_alone_in_chunks_on_any_threads_and_with_any_instructions(int seed)
    {
        var random = new Random(seed);
        int kvHeads = random.Next(1, 4), group = random.Next(1, 9), length = Lengths[seed % Lengths.Length];
        var shape = new AttentionShape(
            kvHeads * group, kvHeads, Dims[random.Next(Dims.Length)], Dims[random.Next(Dims.Length)],
            0.1f + random.NextSingle(), random.Next(2) == 0 ? 0 : random.Next(1, length + 20), random.Next(3) == 0 ? 5 : 0);
        var inputs = new AttentionInputs(shape, length, length, sinks: random.Next(2) == 0);
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        using var many = new WorkerPool(9);
        foreach (var format in new KvFormat[] { KvPages.F16, KvPages.F32, KvPages.Q8_0 })
        {
            // Stored whole beside room that holds NaN; then in pieces, so that other positions follow each.
            var whole = inputs.Stored(format, room: random.Next(100));
            uint[] expected = Run(whole, 0, length, two, VectorWidths.Widest());
            foreach (var width in new[] { VectorWidth.Scalar, VectorWidth.Bits256, VectorWidth.Bits512 })
            {
                if (width != VectorWidth.Bits256 && !width.IsSupported())
                    continue;
                int tail = Math.Min(length, width == VectorWidth.Scalar ? 3 : 90);
                Equal(expected, Run(whole, length - tail, tail, one, width), length - tail);
            }

            for (int i = 0; i < 12; i++)
            {
                int count = i < 6 ? 1 : random.Next(1, Math.Min(length, 130) + 1), first = random.Next(length - count + 1);
                Equal(expected, Run(whole, first, count, i % 2 == 0 ? one : many, VectorWidths.Widest()), first);
            }

            var pieces = inputs.Stored(format, room: random.Next(100));
            for (int first = 0; first < length;)
            {
                int count = Math.Min(random.Next(1, 90), length - first);
                pieces.View.Store(
                    first, count, inputs.Keys.AsSpan(first * kvHeads * shape.HeadDim, count * kvHeads * shape.HeadDim),
                    inputs.Values.AsSpan(first * kvHeads * shape.ValueDim, count * kvHeads * shape.ValueDim), many);
                Equal(expected, Run(pieces, first, count, two, VectorWidths.Widest()), first);
                first += count;
            }
        }

        uint[] Run(StoredKv kv, int first, int count, WorkerPool pool, VectorWidth width)
        {
            int row = shape.Heads * shape.HeadDim;
            float[] output = new float[count * shape.Heads * shape.ValueDim];
            Attention.Run(
                shape, inputs.Q.AsSpan(first * row, count * row), kv.View, count, first + count, inputs.Sinks, output, pool,
                width);
            return Array.ConvertAll(output, BitConverter.SingleToUInt32Bits);
        }

        void Equal(uint[] all, uint[] part, int first)
        {
            if (!all.AsSpan(first * shape.Heads * shape.ValueDim, part.Length).SequenceEqual(part))
                Assert.Fail($"{shape}: bits differ from position {first} of {length}");
        }
    }
}
