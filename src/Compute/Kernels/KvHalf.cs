using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>Keys [dim][16] f16 and values [16][dim] f16.</summary>
internal readonly unsafe struct KvHalf : IKvFormat
{
    public static int ElementBytes => sizeof(short);

    public static int Shared => int.MaxValue;

    public static long TileBytes(int dim) => (long)dim * KvTile.Positions * sizeof(Half);

    public static long ScaleBytes(int dim) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scales<TLanes, TVector>(byte* scales)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TLanes, TVector>(float* scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source, TVector scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.LoadHalves((short*)source);

    public static bool StoreKey(float* key, int dim, byte* tile, int slot, float* scratch)
    {
        var halves = (ushort*)scratch;
        bool finite = ToHalves(key, halves, dim);
        var target = (ushort*)tile + slot;
        for (int i = 0; i < dim; i++, target += KvTile.Positions)
            *target = halves[i];
        return finite;
    }

    public static bool StoreValue(float* value, int dim, byte* tile, int slot) =>
        ToHalves(value, (ushort*)tile + ((nint)slot * dim), dim);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var source = (short*)tile;
        for (int d = 0; d < dim; d++, source += KvTile.Positions, target += stride)
        {
            Prefetch.Ask((byte*)source + ahead);
            for (int i = 0; i < KvTile.Positions; i += TLanes.Width)
                TLanes.Store(target + i, TLanes.LoadHalves(source + i));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var source = (short*)tile;
        for (int j = 0; j < KvTile.Positions; j++, source += dim, target += stride)
        {
            int i = 0;
            for (; i + TLanes.Width <= dim; i += TLanes.Width)
            {
                Prefetch.Ask((byte*)(source + i) + ahead);
                TLanes.Store(target + i, TLanes.LoadHalves(source + i));
            }

            for (; i < dim; i++)
                target[i] = AttentionLanesScalar.LoadHalves(source + i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool ToHalves(float* from, ushort* to, int count)
    {
        var largest = Vector128<ushort>.Zero;
        var magnitude = Vector128.Create((ushort)0x7FFF);
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            var halves = VectorMath.ToHalf(Vector256.Load(from + i));
            halves.Store(to + i);
            largest = Vector128.Max(largest, halves & magnitude);
        }

        for (; i < count; i++)
        {
            var halves = VectorMath.ToHalf(Vector256.Create(from[i]));
            to[i] = halves.ToScalar();
            largest = Vector128.Max(largest, halves & magnitude);
        }

        return Vector128.LessThanAll(largest, Vector128.Create((ushort)0x7C00));
    }
}

/// <summary>The same memory where everything in it is finite, which is half the work to read.</summary>
internal readonly unsafe struct KvFiniteHalf : IKvFormat
{
    public static int ElementBytes => KvHalf.ElementBytes;

    public static int Shared => KvHalf.Shared;

    public static long TileBytes(int dim) => KvHalf.TileBytes(dim);

    public static long ScaleBytes(int dim) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scales<TLanes, TVector>(byte* scales)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TLanes, TVector>(float* scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source, TVector scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.LoadFiniteHalves((short*)source);

    public static bool StoreKey(float* key, int dim, byte* tile, int slot, float* scratch) =>
        KvHalf.StoreKey(key, dim, tile, slot, scratch);

    public static bool StoreValue(float* value, int dim, byte* tile, int slot) =>
        KvHalf.StoreValue(value, dim, tile, slot);

    public static void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged =>
        KvHalf.LoadKeys<TLanes, TVector>(tile, dim, target, stride, ahead);

    public static void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged =>
        KvHalf.LoadValues<TLanes, TVector>(tile, dim, target, stride, ahead);
}
