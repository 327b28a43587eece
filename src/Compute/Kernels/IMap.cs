using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>An element-by-element function of one or two arrays.</summary>
internal interface IMap
{
    /// <summary>f(x, y), lane by lane.</summary>
    Vector256<float> Apply(Vector256<float> x, Vector256<float> y);
}

/// <summary>Applies a map; an element's result does not depend on its place, the last few included.</summary>
internal static class Map
{
    /// <summary>x[i] = map(x[i], y[i]).</summary>
    /// <param name="map">The function.</param>
    /// <param name="x">[n] f32, in place.</param>
    /// <param name="y">[≥ n] f32.</param>
    /// <exception cref="ArgumentException"><paramref name="y"/> is shorter than <paramref name="x"/>.</exception>
    public static void Run<TMap>(TMap map, Span<float> x, ReadOnlySpan<float> y)
        where TMap : struct, IMap
    {
        if (y.Length < x.Length)
            throw new ArgumentException($"The second array has {y.Length} elements, fewer than {x.Length}.", nameof(y));
        ref float first = ref MemoryMarshal.GetReference(x);
        ref float second = ref MemoryMarshal.GetReference(y);
        nuint i = 0;
        for (; i + 8 <= (nuint)x.Length; i += 8)
            map.Apply(Vector256.LoadUnsafe(ref first, i), Vector256.LoadUnsafe(ref second, i))
                .StoreUnsafe(ref first, i);
        int rest = x.Length - (int)i;
        if (rest == 0)
            return;
        Span<float> padded = stackalloc float[16];
        padded.Clear();
        x[(int)i..].CopyTo(padded);
        y.Slice((int)i, rest).CopyTo(padded[8..]);
        map.Apply(Vector256.Create<float>(padded), Vector256.Create<float>(padded[8..])).CopyTo(padded);
        padded[..rest].CopyTo(x[(int)i..]);
    }

    /// <summary>x[i] = map(x[i], y[i]), long arrays on all threads of the pool where there is one.</summary>
    /// <exception cref="ArgumentException"><paramref name="y"/> is shorter than <paramref name="x"/>.</exception>
    public static void Run<TMap>(TMap map, Span<float> x, ReadOnlySpan<float> y, WorkerPool? pool)
        where TMap : struct, IMap
    {
        if (y.Length < x.Length)
            throw new ArgumentException($"The second array has {y.Length} elements, fewer than {x.Length}.", nameof(y));
        var work = new Work<TMap>(map, x, y);
        RowShare.Run(ref work, x.Length, 1, pool);
    }

    /// <summary>x[i] = map(x[i], x[i]).</summary>
    public static void Run<TMap>(TMap map, Span<float> x, WorkerPool? pool = null)
        where TMap : struct, IMap =>
        Run(map, x, x, pool);

    private readonly ref struct Work<TMap>(TMap map, Span<float> x, ReadOnlySpan<float> y) : IChunkedWork
        where TMap : struct, IMap
    {
        private readonly Span<float> _x = x;
        private readonly ReadOnlySpan<float> _y = y;

        public void Run(int chunk, int worker)
        {
            var part = RowShare.Of(chunk, 1, _x.Length);
            Map.Run(map, _x[part], _y[part]);
        }
    }
}
