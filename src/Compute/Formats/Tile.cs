using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>
/// 32 consecutive weights of some rows as unsigned bytes with their scales: what all integer kernels read.
/// </summary>
/// <remarks>
/// Vectors 0 to 7: weights 4j to 4j + 3 of each row, a byte each. Then f32: the scale (of the first half) at 8, of the
/// second half at 9, the min, already negative, likewise at 10 and 11; w = scale · (byte − offset) + min.
/// </remarks>
internal static unsafe class Tile
{
    /// <summary>Vectors of one tile.</summary>
    public const int Vectors = 12;

    public const int Scale = 8;

    public const int Min = 10;

    private const uint Nibbles = 0x0F0F0F0F;

    /// <summary>The lower four bits of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Low<TLanes, TVector>(TVector bytes)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.And(bytes, TLanes.Broadcast(Nibbles));

    /// <summary>The upper four bits of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TLanes, TVector>(TVector bytes)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.And(TLanes.ShiftRight(bytes, 4), TLanes.Broadcast(Nibbles));

    /// <summary>Weights of the usual sixteen bytes: the first half in low nibbles, the second in high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplitNibbles<TLanes, TVector>(byte* rows, nint stride, TVector* tile)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        TLanes.Transpose(rows, stride, out var a, out var b, out var c, out var d);
        tile[0] = Low<TLanes, TVector>(a);
        tile[1] = Low<TLanes, TVector>(b);
        tile[2] = Low<TLanes, TVector>(c);
        tile[3] = Low<TLanes, TVector>(d);
        tile[4] = High<TLanes, TVector>(a);
        tile[5] = High<TLanes, TVector>(b);
        tile[6] = High<TLanes, TVector>(c);
        tile[7] = High<TLanes, TVector>(d);
    }

    /// <summary>32 bytes of each row in the eight weight vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load32<TLanes, TVector>(byte* rows, nint stride, TVector* vectors)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        TLanes.Transpose(rows, stride, out vectors[0], out vectors[1], out vectors[2], out vectors[3]);
        TLanes.Transpose(rows + 16, stride, out vectors[4], out vectors[5], out vectors[6], out vectors[7]);
    }

    /// <summary>Replaces every weight, below 16, by table[weight].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lookup<TLanes, TVector>(ReadOnlySpan<byte> table, TVector* tile)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        fixed (byte* levels = table)
        {
            for (int j = 0; j < 8; j++)
                tile[j] = TLanes.Lookup(levels, tile[j]);
        }
    }

    /// <summary>Adds 16 to weight i where bit i of the row's 32 is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFifthBits<TLanes, TVector>(TVector bits, TVector* tile)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (int j = 0; j < 8; j++)
        {
            // Four bits to the bottoms of four bytes: the copies overlap, the mask keeps one bit of each.
            var four = TLanes.And(bits, TLanes.Broadcast(15));
            var spread = TLanes.Or(
                TLanes.Or(four, TLanes.ShiftLeft(four, 7)),
                TLanes.Or(TLanes.ShiftLeft(four, 14), TLanes.ShiftLeft(four, 21)));
            spread = TLanes.And(spread, TLanes.Broadcast(0x01010101));
            tile[j] = TLanes.Or(tile[j], TLanes.ShiftLeft(spread, 4));
            bits = TLanes.ShiftRight(bits, 4);
        }
    }

    /// <summary>The finite f16 in the low sixteen bits of each lane, as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector LowHalf<TLanes, TVector>(TVector bits)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        HighHalf<TLanes, TVector>(TLanes.ShiftLeft(bits, 16));

    /// <summary>The finite f16 in the high sixteen bits of each lane, as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HighHalf<TLanes, TVector>(TVector bits)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        // Sign, exponent and mantissa move to f32's places; 2^112 makes up for the bias, subnormals included.
        var placed = TLanes.And(TLanes.ShiftRightSigned(bits, 3), TLanes.Broadcast(0x8FFFE000));
        return TLanes.Multiply(placed, TLanes.Broadcast(0x77800000));
    }

    /// <summary>Byte <paramref name="index"/> of each lane, as f32 from an unsigned number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ByteToSingle<TLanes, TVector>(TVector bytes, int index)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.ToSingle(TLanes.And(Shifted<TLanes, TVector>(bytes, index), TLanes.Broadcast(255)));

    /// <summary>Byte <paramref name="index"/> of each lane, as f32 from a signed number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SignedByteToSingle<TLanes, TVector>(TVector bytes, int index)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.ToSingle(
            TLanes.ShiftRightSigned(TLanes.ShiftLeft(Shifted<TLanes, TVector>(bytes, index), 24), 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Negate<TLanes, TVector>(TVector a)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.Xor(a, TLanes.Broadcast(0x80000000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Shifted<TLanes, TVector>(TVector bytes, int index)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged => index switch
        {
            0 => bytes,
            1 => TLanes.ShiftRight(bytes, 8),
            2 => TLanes.ShiftRight(bytes, 16),
            _ => TLanes.ShiftRight(bytes, 24),
        };
}
