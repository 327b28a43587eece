using System.Buffers.Binary;
using Causerie.Compute.Formats;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests;

/// <summary>A matrix of random blocks in a temporary file, every bit pattern of weights and scales likely.</summary>
internal sealed class RandomWeights : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly int _lead;

    /// <param name="lead">Bytes before the matrix, to put it at any alignment.</param>
    public RandomWeights(TensorFormat format, int rows, int columns, int seed, int lead = 0)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[lead + format.BytesFor((long)rows * columns)];
        random.NextBytes(bytes);
        for (int at = lead; at < bytes.Length; at += format.BlockBytes)
            Tame(format, bytes.AsSpan(at, format.BlockBytes), random);
        System.IO.File.WriteAllBytes(_path, bytes);
        _lead = lead;
        File = MappedFile.Open(_path);
        Matrix = WeightMatrix.At(File, lead, format, rows, columns);
    }

    public WeightMatrix Matrix { get; }

    public MappedFile File { get; }

    /// <summary>The same weights as a matrix of its own, which stays where it is when the other one moves.</summary>
    public WeightMatrix Again() => WeightMatrix.At(File, _lead, Matrix.Format, Matrix.Rows, Matrix.Columns);

    /// <summary>Moves matrices to panels.</summary>
    /// <returns>Their memory.</returns>
    public static MemoryRegion Arrange(WorkerPool pool, IEnumerable<WeightMatrix> matrices) =>
        WeightPanels.Of(matrices).Build(pool, null, TestContext.Current.CancellationToken);

    public static float[] Activations(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Exp(2 * random.NextDouble())))];
    }

    // Scales become ordinary finite numbers; the rest of the block stays noise.
    private static void Tame(TensorFormat format, Span<byte> block, Random random)
    {
        int[] halves = format.Name switch
        {
            "Q4_0" or "Q5_0" or "Q8_0" or "IQ4_NL" or "IQ4_XS" or "IQ3_S" or "F16" => [0],
            "Q4_1" or "Q5_1" or "Q4_K" or "Q5_K" => [0, 2],
            "Q2_K" => [80, 82],
            "Q3_K" => [108],
            "Q6_K" => [208],
            "TQ1_0" => [52],
            "TQ2_0" => [64],
            _ => [],
        };
        foreach (int at in halves)
            BinaryPrimitives.WriteHalfLittleEndian(block[at..], (Half)((random.NextDouble() - 0.5) * 0.1));
        float weight = (float)(random.NextDouble() - 0.5);
        if (format.Name == "F32")
            BinaryPrimitives.WriteSingleLittleEndian(block, weight);
        else if (format.Name == "BF16")
            BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(weight) >> 16));
        else if (format.Name == "MXFP4")
            block[0] = (byte)random.Next(118, 126);
    }

    public void Dispose()
    {
        File.Dispose();
        System.IO.File.Delete(_path);
    }
}
