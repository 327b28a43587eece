using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>The eight scales and mins of six bits each that Q4_K and Q5_K pack in twelve bytes.</summary>
internal static unsafe class SixBitScales
{
    /// <summary>Scale and min of sub-block <paramref name="j"/>, 0 to 7.</summary>
    public static (int Scale, int Min) At(ReadOnlySpan<byte> packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));

    /// <summary>Chooses d, dmin, scales and mins of 256 weights, and each weight's level above its minimum.</summary>
    /// <param name="values">[256] f32.</param>
    /// <param name="top">The highest level.</param>
    /// <param name="block">Receives f16 d, f16 dmin and the twelve packed bytes.</param>
    /// <param name="levels">[256] 0 to <paramref name="top"/>.</param>
    public static void Quantize(ReadOnlySpan<float> values, int top, Span<byte> block, Span<byte> levels)
    {
        Span<float> steps = stackalloc float[8];
        Span<float> depths = stackalloc float[8];
        for (int j = 0; j < 8; j++)
        {
            var (min, max) = Scalars.Range(values.Slice(j * 32, 32));
            steps[j] = (max - min) / top;
            depths[j] = -min;
        }

        float d = Scalars.StoreHalf(block, 0, Scalars.Furthest(steps) / 63);
        float dmin = Scalars.StoreHalf(block, 2, Scalars.Furthest(depths) / 63);
        var packed = block.Slice(4, 12);
        packed.Clear();
        for (int j = 0; j < 8; j++)
        {
            int scale = Scalars.Round(steps[j] * Scalars.Inverse(d), 0, 63);
            int min = Scalars.Round(depths[j] * Scalars.Inverse(dmin), 0, 63);
            Store(packed, j, scale, min);
            float inverse = Scalars.Inverse(d * scale);
            for (int i = j * 32; i < (j + 1) * 32; i++)
                levels[i] = (byte)Scalars.Round((values[i] + (dmin * min)) * inverse, 0, top);
        }
    }

    /// <summary>The inverse of <see cref="At"/>, on cleared bytes.</summary>
    private static void Store(Span<byte> packed, int j, int scale, int min)
    {
        if (j < 4)
        {
            packed[j] |= (byte)scale;
            packed[j + 4] |= (byte)min;
            return;
        }

        packed[j + 4] = (byte)((scale & 15) | (min << 4));
        packed[j - 4] |= (byte)(scale >> 4 << 6);
        packed[j] |= (byte)(min >> 4 << 6);
    }

    /// <summary>Writes scale and min of eight tiles, multiplied by d and −dmin.</summary>
    /// <param name="halves">f16 d, f16 dmin of each row.</param>
    /// <param name="s0">Packed bytes 0 to 3 of each row.</param>
    /// <param name="s1">Packed bytes 4 to 7.</param>
    /// <param name="s2">Packed bytes 8 to 11.</param>
    /// <param name="tiles">[8] tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TLanes, TVector>(TVector halves, TVector s0, TVector s1, TVector s2, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var d = Tile.LowHalf<TLanes, TVector>(halves);
        var dmin = Tile.Negate<TLanes, TVector>(Tile.HighHalf<TLanes, TVector>(halves));
        var six = TLanes.Broadcast(0x3F3F3F3F);
        var pairs = TLanes.Broadcast(0x30303030);
        var scales = TLanes.And(s0, six);
        var mins = TLanes.And(s1, six);
        for (int four = 0; four < 2; four++, tiles += 4 * Tile.Vectors)
        {
            for (int j = 0; j < 4; j++)
            {
                var tile = tiles + (j * Tile.Vectors);
                tile[Tile.Scale] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(scales, 0), d);
                tile[Tile.Min] = TLanes.Multiply(Tile.ByteToSingle<TLanes, TVector>(mins, 0), dmin);
                scales = TLanes.ShiftRight(scales, 8);
                mins = TLanes.ShiftRight(mins, 8);
            }

            scales = TLanes.Or(
                Tile.Low<TLanes, TVector>(s2), TLanes.And(TLanes.ShiftRight(s0, 2), pairs));
            mins = TLanes.Or(
                Tile.High<TLanes, TVector>(s2), TLanes.And(TLanes.ShiftRight(s1, 2), pairs));
        }
    }
}
