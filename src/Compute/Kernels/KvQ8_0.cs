using System.Runtime.CompilerServices;

namespace Causerie.Compute.Kernels;

/// <summary>
/// Keys as [dim / 32, 16] f16 scales and [dim][16] i8, values as [16, dim / 32] f16 scales and [16][dim] i8.
/// </summary>
/// <remarks>
/// A scale belongs to 32 elements of one position's head, the last one to those that are left. Scale times integer has
/// 19 bits and so is exact in f32: nothing rounds when a tile is read.
/// </remarks>
internal readonly unsafe struct KvQ8_0 : IKvFormat
{
    public static int ElementBytes => sizeof(sbyte);

    public static int Shared => 32;

    public static long TileBytes(int dim) => ((long)dim * KvTile.Positions) + ScaleBytes(dim);

    public static long ScaleBytes(int dim) => (long)Scales(dim) * KvTile.Positions * sizeof(Half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scales<TLanes, TVector>(byte* scales)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.LoadHalves((short*)scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Scale<TLanes, TVector>(float* scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Broadcast(*scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source, TVector scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged => TLanes.Multiply(TLanes.LoadBytes((sbyte*)source), scale);

    public static bool StoreKey(float* key, int dim, byte* tile, int slot, float* scratch)
    {
        int scales = Scales(dim);
        var scale = (Half*)tile + slot;
        var target = (sbyte*)(tile + ScaleBytes(dim)) + slot;
        var quantised = (sbyte*)scratch;
        for (int b = 0; b < scales; b++, scale += KvTile.Positions)
            *scale = Quantise(key + (b * Shared), Math.Min(Shared, dim - (b * Shared)), quantised + (b * Shared));
        for (int i = 0; i < dim; i++, target += KvTile.Positions)
            *target = quantised[i];
        return true;
    }

    public static bool StoreValue(float* value, int dim, byte* tile, int slot)
    {
        int scales = Scales(dim);
        var scale = (Half*)tile + (slot * scales);
        var target = (sbyte*)(tile + ScaleBytes(dim)) + ((nint)slot * dim);
        for (int b = 0; b < scales; b++)
            scale[b] = Quantise(value + (b * Shared), Math.Min(Shared, dim - (b * Shared)), target + (b * Shared));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        var scales = (short*)tile;
        var source = (sbyte*)(tile + ScaleBytes(dim));
        for (int d = 0; d < dim; scales += KvTile.Positions)
        {
            int end = Math.Min(d + Shared, dim);
            for (; d < end; d++, source += KvTile.Positions, target += stride)
            {
                Prefetch.Ask((byte*)source + ahead);
                for (int i = 0; i < KvTile.Positions; i += TLanes.Width)
                    TLanes.Store(
                        target + i, TLanes.Multiply(TLanes.LoadBytes(source + i), TLanes.LoadHalves(scales + i)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged
    {
        int scales = Scales(dim);
        var scale = (Half*)tile;
        var source = (sbyte*)(tile + ScaleBytes(dim));
        for (int j = 0; j < KvTile.Positions; j++, scale += scales, source += dim, target += stride)
        {
            for (int b = 0; b < scales; b++)
            {
                float one = AttentionLanesScalar.LoadHalves((short*)scale + b);
                var factor = TLanes.Broadcast(one);
                int i = b * Shared, end = Math.Min(i + Shared, dim);
                Prefetch.Ask((byte*)source + i + ahead);
                for (; i + TLanes.Width <= end; i += TLanes.Width)
                    TLanes.Store(target + i, TLanes.Multiply(TLanes.LoadBytes(source + i), factor));
                for (; i < end; i++)
                    target[i] = source[i] * one;
            }
        }
    }

    private static int Scales(int dim) => (dim + Shared - 1) / Shared;

    /// <summary>Up to 32 f32 as i8 and the scale that they share; what is not finite makes the scale so.</summary>
    private static Half Quantise(float* from, int count, sbyte* to)
    {
        float largest = 0;
        for (int i = 0; i < count; i++)
            largest = MathF.Max(largest, MathF.Abs(from[i]));
        var scale = (Half)(largest / 127);
        float inverse = scale == Half.Zero ? 0 : 1 / (float)scale;
        for (int i = 0; i < count; i++)
            to[i] = (sbyte)Math.Clamp(MathF.Round(from[i] * inverse), -127, 127);
        return scale;
    }
}
