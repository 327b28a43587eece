using System.Runtime.CompilerServices;

namespace Causerie.Compute.Kernels;

/// <summary>What some query vectors have gathered so far: a softmax that has not ended.</summary>
/// <remarks>
/// A row's weights are summed in sixteen lanes, lane by position modulo 16, and only added up when the row ends.
/// </remarks>
internal readonly unsafe struct AttentionRows(float* memory, int rows, int valueWidth)
{
    /// <summary>Lanes of the sums of weights.</summary>
    public const int Lanes = KvTile.Positions;

    /// <summary>[rows] f32, the largest score so far; −∞ where none was seen.</summary>
    public float* Max { get; } = memory;

    /// <summary>[rows, 16] f32, Σ e^(score − max).</summary>
    public float* Weights { get; } = memory + RoundUp(rows);

    /// <summary>[rows, valueWidth] f32, Σ e^(score − max) · value.</summary>
    public float* Sums { get; } = memory + RoundUp(rows) + (rows * Lanes);

    /// <summary>f32 that so many rows need.</summary>
    public static long Floats(int rows, int valueWidth) => RoundUp(rows) + ((long)rows * (Lanes + valueWidth));

    /// <summary>The next multiple of a tile.</summary>
    public static int RoundUp(int count) => (count + KvTile.Positions - 1) & -KvTile.Positions;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        new Span<float>(Max, rows).Fill(float.NegativeInfinity);
        new Span<float>(Weights, rows * (Lanes + valueWidth)).Clear();
    }

    /// <summary>Begins with a logit that has a weight and no value.</summary>
    public void Sink(int row, float logit)
    {
        Max[row] = logit;
        Weights[row * Lanes] = 1;
    }

    /// <summary>Takes in what the same rows gathered from later positions.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Add<TLanes, TVector>(in AttentionRows later)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        for (int row = 0; row < rows; row++)
        {
            // A window may begin after the positions that others of these rows still see.
            if (float.IsNegativeInfinity(later.Max[row]))
                continue;
            float max = Math.Max(Max[row], later.Max[row]);
            var ours = TLanes.Exp(TLanes.Broadcast(Max[row] - max));
            var theirs = TLanes.Exp(TLanes.Broadcast(later.Max[row] - max));
            Max[row] = max;
            Add<TLanes, TVector>(Weights + (row * Lanes), ours, later.Weights + (row * Lanes), theirs, Lanes);
            Add<TLanes, TVector>(Sums + (row * valueWidth), ours, later.Sums + (row * valueWidth), theirs, valueWidth);
        }
    }

    /// <summary>Ends a row.</summary>
    /// <param name="row">Which.</param>
    /// <param name="output">[valueDim] f32, the weighted mean of the values.</param>
    /// <param name="valueDim">Elements of a value.</param>
    public void Finish(int row, float* output, int valueDim)
    {
        float* lanes = stackalloc float[Lanes];
        new ReadOnlySpan<float>(Weights + (row * Lanes), Lanes).CopyTo(new Span<float>(lanes, Lanes));
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        var result = new Span<float>(output, valueDim);
        new ReadOnlySpan<float>(Sums + (row * valueWidth), valueDim).CopyTo(result);
        Elementwise.Scale(result, 1 / lanes[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes, TVector>(float* ours, TVector ourFactor, float* theirs, TVector theirFactor, int count)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        for (int i = 0; i < count; i += TLanes.Width)
        {
            var sum = TLanes.Multiply(TLanes.Load(theirs + i), theirFactor);
            TLanes.Store(ours + i, TLanes.MultiplyAdd(TLanes.Load(ours + i), ourFactor, sum));
        }
    }
}
