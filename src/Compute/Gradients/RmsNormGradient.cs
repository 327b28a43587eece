using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>The gradient of <see cref="RmsNorm"/>.</summary>
public static unsafe class RmsNormGradient
{
    /// <summary>Rows whose part of the weight's gradient is summed apart, whatever the number of threads.</summary>
    private const int ChunkRows = 64;

    /// <summary>dx += ∂/∂x and dWeight += ∂/∂weight, where y = x · s · weight and s = 1 / √(mean(x²) + ε).</summary>
    /// <remarks>∂/∂xᵢ = s · (wᵢ·dyᵢ − xᵢ · s² · mean(x · w · dy)).</remarks>
    /// <param name="x">[n, width] f32, what was normalised.</param>
    /// <param name="weight">[width] f32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="dy">[n, width] f32.</param>
    /// <param name="dx">[n, width] f32.</param>
    /// <param name="dWeight">[width] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans are not whole rows, or not as many.</exception>
    public static void Add(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, ReadOnlySpan<float> dy, Span<float> dx,
        Span<float> dWeight, WorkerPool pool)
    {
        int width = weight.Length;
        if (width == 0 || x.Length % width != 0 || dy.Length != x.Length || dx.Length != x.Length
            || dWeight.Length != width)
            throw new ArgumentException($"{x.Length}, {dy.Length} and {dx.Length} elements are not rows of {width}.");
        int chunks = ((x.Length / width) + ChunkRows - 1) / ChunkRows;
        lock (pool.Gate)
        {
            var parts = new Span<float>(pool.Shared((long)chunks * width * sizeof(float)), chunks * width);
            parts.Clear();
            var work = new Work(x, weight, epsilon, dy, dx, parts);
            pool.Run(chunks, ref work);
            for (int chunk = 0; chunk < chunks; chunk++)
                Elementwise.Add(dWeight, parts.Slice(chunk * width, width));
        }
    }

    private readonly ref struct Work(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, ReadOnlySpan<float> dy, Span<float> dx,
        Span<float> parts) : IChunkedWork
    {
        private readonly ReadOnlySpan<float> _x = x;
        private readonly ReadOnlySpan<float> _weight = weight;
        private readonly ReadOnlySpan<float> _dy = dy;
        private readonly Span<float> _dx = dx;
        private readonly Span<float> _parts = parts; // [chunks, width]

        public void Run(int chunk, int worker)
        {
            int width = _weight.Length;
            int first = chunk * ChunkRows * width;
            int last = (int)Math.Min(_x.Length, first + ((long)ChunkRows * width));
            var part = _parts.Slice(chunk * width, width);
            for (int start = first; start < last; start += width)
            {
                var row = _x.Slice(start, width);
                var dy = _dy.Slice(start, width);
                double s = 1 / Math.Sqrt((Rows.SumOfSquares(row, 0) / width) + epsilon);
                double mean = Dot(row, _weight, dy) / width;
                Row(row, _weight, dy, (float)s, (float)(s * s * s * mean), _dx.Slice(start, width), part);
            }
        }

        /// <summary>Σ a · b · c in double, in a fixed order.</summary>
        private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c)
        {
            var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
            ref float ra = ref MemoryMarshal.GetReference(a);
            ref float rb = ref MemoryMarshal.GetReference(b);
            ref float rc = ref MemoryMarshal.GetReference(c);
            int i = 0;
            for (; i + 8 <= a.Length; i += 8)
            {
                var product = Vector256.LoadUnsafe(ref ra, (nuint)i) * Vector256.LoadUnsafe(ref rb, (nuint)i)
                    * Vector256.LoadUnsafe(ref rc, (nuint)i);
                low += Vector256.WidenLower(product);
                high += Vector256.WidenUpper(product);
            }
            double sum = Vector256.Sum(low + high);
            for (; i < a.Length; i++)
                sum += a[i] * b[i] * c[i];
            return sum;
        }

        private static void Row(
            ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> dy, float s, float pull,
            Span<float> dx, Span<float> dWeight)
        {
            ref float rx = ref MemoryMarshal.GetReference(x);
            ref float rw = ref MemoryMarshal.GetReference(weight);
            ref float ry = ref MemoryMarshal.GetReference(dy);
            ref float rd = ref MemoryMarshal.GetReference(dx);
            ref float rg = ref MemoryMarshal.GetReference(dWeight);
            int i = 0;
            for (; i + 8 <= x.Length; i += 8)
            {
                var vx = Vector256.LoadUnsafe(ref rx, (nuint)i);
                var vy = Vector256.LoadUnsafe(ref ry, (nuint)i) * s;
                var d = (vy * Vector256.LoadUnsafe(ref rw, (nuint)i)) - (vx * pull);
                (Vector256.LoadUnsafe(ref rd, (nuint)i) + d).StoreUnsafe(ref rd, (nuint)i);
                (Vector256.LoadUnsafe(ref rg, (nuint)i) + (vx * vy)).StoreUnsafe(ref rg, (nuint)i);
            }
            for (; i < x.Length; i++)
            {
                float y = dy[i] * s;
                dx[i] += (y * weight[i]) - (x[i] * pull);
                dWeight[i] += x[i] * y;
            }
        }
    }
}
