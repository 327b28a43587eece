using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Lanes;

/// <summary>Sixteen rows at a time, with AVX-512 (F, BW).</summary>
internal readonly unsafe struct Lanes512 : ISegmentLanes<V>
{
    public static int Rows => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(void* source) => Vector512.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* target, V value) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Broadcast(uint value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V a, [ConstantExpected] byte count) => Avx512F.ShiftLeftLogical(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, [ConstantExpected] byte count) => Avx512F.ShiftRightLogical(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightSigned(V a, [ConstantExpected] byte count) =>
        Avx512F.ShiftRightArithmetic(a.AsInt32(), count).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V a, V b) => (a.AsInt16() + b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddBytes(V unsigned, V signed) =>
        Avx512BW.MultiplyAddAdjacent(unsigned.AsByte(), signed.AsSByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddShorts(V a, V b) =>
        Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(byte* table, V nibbles)
    {
        var one = Vector128.Load(table);
        var two = Vector256.Create(one, one);
        return Avx512BW.Shuffle(Vector512.Create(two, two), nibbles.AsByte()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ToSingle(V a) => Avx512F.ConvertToVector512Single(a.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSingles(V a, V b) => Avx512F.Add(a.AsSingle(), b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => Avx512F.Multiply(a.AsSingle(), b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) =>
        Avx512F.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gather(byte* rows, nint stride)
    {
        nint next = 8 * stride;
        return Join(Lanes256.Gather(rows, stride), Lanes256.Gather(rows + next, stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Segments(byte* rows, nint stride, out V a, out V b, out V c, out V d)
    {
        nint next = 4 * stride;
        a = Quarters(rows, next);
        b = Quarters(rows + stride, next);
        c = Quarters(rows + (2 * stride), next);
        d = Quarters(rows + (3 * stride), next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransposeLine(byte* rows, nint stride, V* vectors)
    {
        // Each row's line is read once: at strides of whole pages sixteen lines share eight places of the cache.
        nint next = 4 * stride;
        TransposeQuarters(rows, stride, out var a0, out var b0, out var c0, out var d0);
        TransposeQuarters(rows + next, stride, out var a1, out var b1, out var c1, out var d1);
        TransposeQuarters(rows + (2 * next), stride, out var a2, out var b2, out var c2, out var d2);
        TransposeQuarters(rows + (3 * next), stride, out var a3, out var b3, out var c3, out var d3);
        SpreadQuarters(a0, a1, a2, a3, vectors);
        SpreadQuarters(b0, b1, b2, b3, vectors + 1);
        SpreadQuarters(c0, c1, c2, c3, vectors + 2);
        SpreadQuarters(d0, d1, d2, d3, vectors + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Repeat(byte* bytes) => Avx512F.BroadcastVector128ToVector512((uint*)bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V PositiveBytes(V a) => Vector512.Max(a.AsSByte(), Vector512<sbyte>.Zero).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NegateBytes(V a) => (Vector512<sbyte>.Zero - a.AsSByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SubtractShorts(V a, V b) => (a.AsInt16() - b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SumSegments(V a, V b, V c, V d)
    {
        var ab = (Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b)).AsUInt64();
        var cd = (Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d)).AsUInt64();
        return Avx512F.UnpackLow(ab, cd).AsUInt32() + Avx512F.UnpackHigh(ab, cd).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SumSegmentShorts(V a, V b, V c, V d)
    {
        var ab = AddShorts(Avx512F.UnpackLow(a, b), Avx512F.UnpackHigh(a, b)).AsUInt64();
        var cd = AddShorts(Avx512F.UnpackLow(c, d), Avx512F.UnpackHigh(c, d)).AsUInt64();
        return AddShorts(Avx512F.UnpackLow(ab, cd).AsUInt32(), Avx512F.UnpackHigh(ab, cd).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* rows, nint stride, out V a, out V b, out V c, out V d)
    {
        // x0 holds rows 0, 4, 8, 12 in its quarters, x1 rows 1, 5, 9, 13 …: then a 4 × 4 transposition in each quarter.
        nint next = 4 * stride;
        var x0 = Quarters(rows, next);
        var x1 = Quarters(rows + stride, next);
        var x2 = Quarters(rows + (2 * stride), next);
        var x3 = Quarters(rows + (3 * stride), next);
        var low01 = Avx512F.UnpackLow(x0, x1).AsUInt64();
        var low23 = Avx512F.UnpackLow(x2, x3).AsUInt64();
        var high01 = Avx512F.UnpackHigh(x0, x1).AsUInt64();
        var high23 = Avx512F.UnpackHigh(x2, x3).AsUInt64();
        a = Avx512F.UnpackLow(low01, low23).AsUInt32();
        b = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        c = Avx512F.UnpackLow(high01, high23).AsUInt32();
        d = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Quarters(byte* row, nint next)
    {
        var low = Vector256.Create(Vector128.Load((uint*)row), Vector128.Load((uint*)(row + next)));
        var high = Vector256.Create(
            Vector128.Load((uint*)(row + (2 * next))), Vector128.Load((uint*)(row + (3 * next))));
        return Join(low, high);
    }

    // Vector512.Create would fill a register from the stack first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Join(Vector256<uint> low, Vector256<uint> high) =>
        Avx512F.InsertVector256(low.ToVector512Unsafe(), high, 1);

    /// <summary>64 bytes of four rows: each quarter transposed, so that a holds the first four bytes of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeQuarters(byte* rows, nint stride, out V a, out V b, out V c, out V d)
    {
        var x0 = Vector512.Load((uint*)rows);
        var x1 = Vector512.Load((uint*)(rows + stride));
        var x2 = Vector512.Load((uint*)(rows + (2 * stride)));
        var x3 = Vector512.Load((uint*)(rows + (3 * stride)));
        var low01 = Avx512F.UnpackLow(x0, x1).AsUInt64();
        var low23 = Avx512F.UnpackLow(x2, x3).AsUInt64();
        var high01 = Avx512F.UnpackHigh(x0, x1).AsUInt64();
        var high23 = Avx512F.UnpackHigh(x2, x3).AsUInt64();
        a = Avx512F.UnpackLow(low01, low23).AsUInt32();
        b = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        c = Avx512F.UnpackLow(high01, high23).AsUInt32();
        d = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Quarter q of the four, in order, to vector 4q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadQuarters(V x0, V x1, V x2, V x3, V* vectors)
    {
        var low01 = Avx512F.Shuffle4x128(x0, x1, 0b01_00_01_00);
        var low23 = Avx512F.Shuffle4x128(x2, x3, 0b01_00_01_00);
        var high01 = Avx512F.Shuffle4x128(x0, x1, 0b11_10_11_10);
        var high23 = Avx512F.Shuffle4x128(x2, x3, 0b11_10_11_10);
        vectors[0] = Avx512F.Shuffle4x128(low01, low23, 0b10_00_10_00);
        vectors[4] = Avx512F.Shuffle4x128(low01, low23, 0b11_01_11_01);
        vectors[8] = Avx512F.Shuffle4x128(high01, high23, 0b10_00_10_00);
        vectors[12] = Avx512F.Shuffle4x128(high01, high23, 0b11_01_11_01);
    }
}
