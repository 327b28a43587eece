using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector128<uint>;

namespace Causerie.Compute.Lanes;

/// <summary>Four rows at a time, with SSSE3 and FMA or with Arm64's AdvSimd.</summary>
internal readonly unsafe struct Lanes128 : ILanes<V>
{
    public static int Rows => 4;

    /// <summary>Whether this processor has the instructions used here.</summary>
    public static bool IsSupported => (Ssse3.IsSupported && Fma.IsSupported) || AdvSimd.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(void* source) => Vector128.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* target, V value) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Broadcast(uint value) => Vector128.Create(value);

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
    public static V MultiplyAddBytes(V unsigned, V signed)
    {
        if (Ssse3.IsSupported)
            return Ssse3.MultiplyAddAdjacent(unsigned.AsByte(), signed.AsSByte()).AsUInt32();

        // Unsigned weights stay below 128, so they are signed bytes as well.
        var low = AdvSimd.MultiplyWideningLower(unsigned.AsSByte().GetLower(), signed.AsSByte().GetLower());
        var high = AdvSimd.MultiplyWideningUpper(unsigned.AsSByte(), signed.AsSByte());
        return AdvSimd.Arm64.AddPairwise(low, high).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddShorts(V a, V b)
    {
        if (Sse2.IsSupported)
            return Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsUInt32();
        var low = AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower());
        var high = AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16());
        return AdvSimd.Arm64.AddPairwise(low, high).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(byte* table, V nibbles) => Ssse3.IsSupported
        ? Ssse3.Shuffle(Vector128.Load(table), nibbles.AsByte()).AsUInt32()
        : AdvSimd.Arm64.VectorTableLookup(Vector128.Load(table), nibbles.AsByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ToSingle(V a) => Vector128.ConvertToSingle(a.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSingles(V a, V b) => (a.AsSingle() + b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V a, V b) => (a.AsSingle() * b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V a, V b, V c) => Fma.IsSupported
        ? Fma.MultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32()
        : AdvSimd.FusedMultiplyAdd(c.AsSingle(), a.AsSingle(), b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadHalves(byte* source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(byte* source) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)source).AsByte()));

    /// <summary>a0, b0, a1, b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ZipLow(V a, V b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackLow(a, b);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipLow(a, b)
            : Vector128.Create(a.GetElement(0), b.GetElement(0), a.GetElement(1), b.GetElement(1));
    }

    /// <summary>a2, b2, a3, b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ZipHigh(V a, V b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported
            ? AdvSimd.Arm64.ZipHigh(a, b)
            : Vector128.Create(a.GetElement(2), b.GetElement(2), a.GetElement(3), b.GetElement(3));
    }
}
