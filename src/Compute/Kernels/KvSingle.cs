using System.Runtime.CompilerServices;

namespace Causerie.Compute.Kernels;

/// <summary>Keys [dim][16] f32 and values [16][dim] f32.</summary>
internal readonly unsafe struct KvSingle : IKvFormat
{
    public static int ElementBytes => sizeof(float);

    public static int Shared => int.MaxValue;

    public static long TileBytes(int dim) => (long)dim * KvTile.Positions * sizeof(float);

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
        where TVector : unmanaged => TLanes.Load((float*)source);

    public static bool StoreKey(float* key, int dim, byte* tile, int slot, float* scratch)
    {
        float* target = (float*)tile + slot;
        for (int i = 0; i < dim; i++, target += KvTile.Positions)
            *target = key[i];
        return true;
    }

    public static bool StoreValue(float* value, int dim, byte* tile, int slot)
    {
        Copy(value, (float*)tile + ((nint)slot * dim), dim);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        float* source = (float*)tile;
        for (int d = 0; d < dim; d++, source += KvTile.Positions, target += stride)
        {
            Prefetch.Ask((byte*)source + ahead);
            for (int i = 0; i < KvTile.Positions; i += TLanes.Width)
                TLanes.Store(target + i, TLanes.Load(source + i));
        }
    }

    public static void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        float* source = (float*)tile;
        for (int j = 0; j < KvTile.Positions; j++, source += dim, target += stride)
            Copy(source, target, dim);
    }

    private static void Copy(float* from, float* to, int count) =>
        new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
