using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    private const uint LowNibbles = 0x0F0F0F0F;

    /// <summary>The lower four bits of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Low<TLanes, TVector>(TVector bytes)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.And(bytes, TLanes.Broadcast(LowNibbles));

    /// <summary>The upper four bits of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TLanes, TVector>(TVector bytes)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.And(TLanes.ShiftRight(bytes, 4), TLanes.Broadcast(LowNibbles));

    /// <summary>
    /// Weights 4j to 4j + 3 of the usual sixteen bytes from <paramref name="word"/> on: the first half in low nibbles, the
    /// second in high ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Nibbles<TLanes, TVector>(PanelUnit<TLanes, TVector> unit, int word, int j)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        j < 4 ? Low<TLanes, TVector>(unit[word + j]) : High<TLanes, TVector>(unit[word + j - 4]);

    /// <summary>table[weight] for every weight, below 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Lookup<TLanes, TVector>(ReadOnlySpan<byte> table, TVector weights)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.Lookup((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table)), weights); // Constant data does not move.

    /// <summary>16 in byte i where bit 4j + i of the row's 32 is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FifthBits<TLanes, TVector>(TVector bits, int j)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        // Four bits to the bottoms of four bytes: the copies overlap, the mask keeps one bit of each.
        var four = TLanes.And(TLanes.ShiftRight(bits, 4 * j), TLanes.Broadcast(15));
        var spread = TLanes.Or(
            TLanes.Or(four, TLanes.ShiftLeft(four, 7)),
            TLanes.Or(TLanes.ShiftLeft(four, 14), TLanes.ShiftLeft(four, 21)));
        return TLanes.ShiftLeft(TLanes.And(spread, TLanes.Broadcast(0x01010101)), 4);
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
