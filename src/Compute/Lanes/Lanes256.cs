using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<uint>;

namespace Causerie.Compute.Lanes;

/// <summary>Eight rows at a time, with AVX2 and FMA.</summary>
internal readonly unsafe struct Lanes256 : ISegmentLanes<V>
{
    public static int Rows => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(void* source) => Vector256.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* target, V value) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Broadcast(uint value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V a, [ConstantExpected] byte count) => Avx2.ShiftLeftLogical(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, [ConstantExpected] byte count) => Avx2.ShiftRightLogical(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightSigned(V a, [ConstantExpected] byte count) =>
        Avx2.ShiftRightArithmetic(a.AsInt32(), count).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V a, V b) => (a.AsInt16() + b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddBytes(V unsigned, V signed) =>
        Avx2.MultiplyAddAdjacent(unsigned.AsByte(), signed.AsSByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddShorts(V a, V b) =>
        Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(byte* table, V nibbles)
    {
        var one = Vector128.Load(table);
        return Avx2.Shuffle(Vector256.Create(one, one), nibbles.AsByte()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ToSingle(V a) => Avx.ConvertToVector256Single(a.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSingles(V a, V b) => Avx.Add(a.AsSingle(), b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => Avx.Multiply(a.AsSingle(), b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) =>
        Fma.MultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gather(byte* rows, nint stride)
    {
        nint next = 4 * stride;
        return Vector256.Create(Lanes128.Gather(rows, stride), Lanes128.Gather(rows + next, stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Segments(byte* rows, nint stride, out V a, out V b, out V c, out V d)
    {
        nint next = 4 * stride;
        a = Halves(rows, next);
        b = Halves(rows + stride, next);
        c = Halves(rows + (2 * stride), next);
        d = Halves(rows + (3 * stride), next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransposeLine(byte* rows, nint stride, V* vectors)
    {
        for (int i = 0; i < 16; i += 4)
            Transpose(
                rows + (4 * i), stride, out vectors[i], out vectors[i + 1], out vectors[i + 2], out vectors[i + 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Repeat(byte* bytes) => Avx2.BroadcastVector128ToVector256((uint*)bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V PositiveBytes(V a) => Vector256.Max(a.AsSByte(), Vector256<sbyte>.Zero).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NegateBytes(V a) => (Vector256<sbyte>.Zero - a.AsSByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SubtractShorts(V a, V b) => (a.AsInt16() - b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SumSegments(V a, V b, V c, V d)
    {
        var ab = (Avx2.UnpackLow(a, b) + Avx2.UnpackHigh(a, b)).AsUInt64();
        var cd = (Avx2.UnpackLow(c, d) + Avx2.UnpackHigh(c, d)).AsUInt64();
        return Avx2.UnpackLow(ab, cd).AsUInt32() + Avx2.UnpackHigh(ab, cd).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SumSegmentShorts(V a, V b, V c, V d)
    {
        var ab = AddShorts(Avx2.UnpackLow(a, b), Avx2.UnpackHigh(a, b)).AsUInt64();
        var cd = AddShorts(Avx2.UnpackLow(c, d), Avx2.UnpackHigh(c, d)).AsUInt64();
        return AddShorts(Avx2.UnpackLow(ab, cd).AsUInt32(), Avx2.UnpackHigh(ab, cd).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* rows, nint stride, out V a, out V b, out V c, out V d)
    {
        // x0 holds rows 0 and 4 in its halves, x1 rows 1 and 5 …: then a 4 × 4 transposition in each half.
        nint next = 4 * stride;
        var x0 = Halves(rows, next);
        var x1 = Halves(rows + stride, next);
        var x2 = Halves(rows + (2 * stride), next);
        var x3 = Halves(rows + (3 * stride), next);
        var low01 = Avx2.UnpackLow(x0, x1).AsUInt64();
        var low23 = Avx2.UnpackLow(x2, x3).AsUInt64();
        var high01 = Avx2.UnpackHigh(x0, x1).AsUInt64();
        var high23 = Avx2.UnpackHigh(x2, x3).AsUInt64();
        a = Avx2.UnpackLow(low01, low23).AsUInt32();
        b = Avx2.UnpackHigh(low01, low23).AsUInt32();
        c = Avx2.UnpackLow(high01, high23).AsUInt32();
        d = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Halves(byte* row, nint next) =>
        Vector256.Create(Vector128.Load((uint*)row), Vector128.Load((uint*)(row + next)));
}
