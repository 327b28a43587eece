using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<uint>;

namespace Causerie.Compute.Lanes;

/// <summary>Eight rows at a time, with AVX2 and FMA.</summary>
internal readonly unsafe struct Lanes256 : ILanes<V>
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
    public static V LoadHalves(byte* source) => Avx2.ConvertToVector256Int32((ushort*)source).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(byte* source) => Avx2.ConvertToVector256Int32(source).AsUInt32();
}
