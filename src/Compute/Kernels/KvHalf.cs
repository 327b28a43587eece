using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>Keys [dim][16] f16 and values [16][dim] f16.</summary>
internal readonly unsafe struct KvHalf : IKvFormat
{
    public static long TileBytes(int dim) => (long)dim * KvTiles.Positions * sizeof(Half);

    public static void StoreKey(float* key, int dim, byte* tile, int slot, float* scratch)
    {
        var halves = (ushort*)scratch;
        ToHalves(key, halves, dim);
        var target = (ushort*)tile + slot;
        for (int i = 0; i < dim; i++, target += KvTiles.Positions)
            *target = halves[i];
    }

    public static void StoreValue(float* value, int dim, byte* tile, int slot) =>
        ToHalves(value, (ushort*)tile + ((nint)slot * dim), dim);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var source = (short*)tile;
        for (int d = 0; d < dim; d++, source += KvTiles.Positions, target += stride)
            for (int i = 0; i < KvTiles.Positions; i += TLanes.Width)
                TLanes.Store(target + i, TLanes.LoadHalves(source + i));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var source = (short*)tile;
        for (int j = 0; j < KvTiles.Positions; j++, source += dim, target += stride)
        {
            int i = 0;
            for (; i + TLanes.Width <= dim; i += TLanes.Width)
                TLanes.Store(target + i, TLanes.LoadHalves(source + i));
            for (; i < dim; i++)
                target[i] = AttentionLanesScalar.LoadHalves(source + i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ToHalves(float* from, ushort* to, int count)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8)
            VectorMath.ToHalf(Vector256.Load(from + i)).Store(to + i);
        for (; i < count; i++)
            to[i] = VectorMath.ToHalf(Vector256.Create(from[i])).ToScalar();
    }
}
