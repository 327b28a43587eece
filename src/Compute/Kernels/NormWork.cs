using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Normalises rows, whose sums are taken in double and in a fixed order; before it, adds to them if asked.</summary>
internal readonly ref struct NormWork : IChunkedWork
{
    private readonly Span<float> _sum; // [n, width] x where something is added to it, or empty
    private readonly ReadOnlySpan<float> _x; // [n, width]
    private readonly ReadOnlySpan<float> _addend; // [n, width], or empty
    private readonly ReadOnlySpan<float> _weight; // [width]
    private readonly ReadOnlySpan<float> _bias; // [width], or empty
    private readonly Span<float> _y; // [n, width]
    private readonly float _epsilon;
    private readonly bool _centred;

    /// <summary>y = norm(x).</summary>
    /// <param name="centred">Whether the mean is taken off first: a layer norm.</param>
    public NormWork(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y,
        bool centred)
    {
        if (weight.Length == 0 || x.Length % weight.Length != 0)
            throw new ArgumentException($"{x.Length} elements are not rows of {weight.Length}.", nameof(x));
        if (y.Length < x.Length)
            throw new ArgumentException($"y holds {y.Length} elements, fewer than {x.Length}.", nameof(y));
        _x = x;
        _weight = weight;
        _bias = bias;
        _y = y;
        _epsilon = epsilon;
        _centred = centred;
    }

    /// <summary>x += addend, y = norm(x).</summary>
    /// <param name="centred">Whether the mean is taken off first: a layer norm.</param>
    public NormWork(
        Span<float> x, ReadOnlySpan<float> addend, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon,
        Span<float> y, bool centred)
        : this(x, weight, bias, epsilon, y, centred)
    {
        if (addend.Length < x.Length)
            throw new ArgumentException(
                $"The addend holds {addend.Length} elements, fewer than {x.Length}.", nameof(addend));
        _sum = x;
        _addend = addend;
    }

    /// <summary>Runs the work on the pool's threads, or on the caller's alone.</summary>
    public static void Run(NormWork work, WorkerPool? pool) =>
        RowShare.Run(ref work, work._x.Length / work._weight.Length, work._weight.Length, pool);

    public void Run(int chunk, int worker)
    {
        int width = _weight.Length;
        var part = RowShare.Of(chunk, width, _x.Length);
        for (int start = part.Start.Value; start < part.End.Value; start += width)
        {
            if (!_addend.IsEmpty)
                Elementwise.Add(_sum.Slice(start, width), _addend.Slice(start, width));
            var row = _x.Slice(start, width);
            float mean = _centred ? (float)(Rows.Sum(row) / width) : 0;
            float scale = (float)(1 / Math.Sqrt((Rows.SumOfSquares(row, mean) / width) + _epsilon));
            Rows.Affine(row, mean, scale, _weight, _bias, _y.Slice(start, width));
        }
    }
}
