using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<uint>;

namespace Causerie.Compute.Lanes;

/// <summary>Sixteen rows at a time, with AVX-512 (F, BW).</summary>
internal readonly unsafe struct Lanes512 : ILanes<V>
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
    public static V ShiftLeft(V a, int count) => a << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, int count) => a >>> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightSigned(V a, int count) => (a.AsInt32() >> count).AsUInt32();

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
    public static V LoadHalves(byte* source) =>
        Avx512F.ConvertToVector512UInt32(Vector256.Load((ushort*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(byte* source) => Avx512F.ConvertToVector512UInt32(Vector128.Load(source));
}
