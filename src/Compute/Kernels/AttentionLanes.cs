using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Kernels;

/// <summary>The operations that attention is written in, over some f32; all implementations give the same bits.</summary>
/// <remarks>
/// A lane is one position of the scores or one element of the values and sees its own operations only, in one order,
/// so nothing depends on how many lanes there are.
/// </remarks>
internal unsafe interface IAttentionLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Lanes; divides 16.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    /// <summary>f16 as f32, exactly; infinities and NaN stay what they are.</summary>
    static abstract TVector LoadHalves(short* source);

    /// <summary>f16 as f32, exactly, where none is infinite or NaN.</summary>
    static abstract TVector LoadFiniteHalves(short* source);

    /// <summary>i8 as f32.</summary>
    static abstract TVector LoadBytes(sbyte* source);

    static abstract void Store(float* target, TVector value);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The largest lane.</summary>
    static abstract float Largest(TVector a);

    /// <summary><see cref="VectorMath.Exp(Vector256{float})"/>.</summary>
    static abstract TVector Exp(TVector a);
}

/// <summary>Sixteen lanes, with AVX-512 (F, BW, DQ).</summary>
internal readonly unsafe struct AttentionLanes512 : IAttentionLanes<Vector512<float>>
{
    public static int Width => 16;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalves(short* source) => VectorMath.ToSingle(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadFiniteHalves(short* source) => VectorMath.FiniteToSingle(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBytes(sbyte* source) =>
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector512<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => Avx512F.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => Avx512F.Subtract(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => Avx512F.Multiply(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector512<float> a)
    {
        var half = Avx.Max(a.GetLower(), a.GetUpper());
        var quarter = Sse.Max(half.GetLower(), half.GetUpper());
        quarter = Sse.Max(quarter, Sse.MoveHighToLow(quarter, quarter));
        return Sse.MaxScalar(quarter, Sse3.MoveHighAndDuplicate(quarter)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> a) => VectorMath.Exp(a);
}

/// <summary>Eight lanes, portable: AVX2 with FMA, AdvSimd, or what the runtime makes of them.</summary>
internal readonly unsafe struct AttentionLanes256 : IAttentionLanes<Vector256<float>>
{
    public static int Width => 8;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalves(short* source) => VectorMath.ToSingle(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadFiniteHalves(short* source) => VectorMath.FiniteToSingle(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBytes(sbyte* source)
    {
        var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)source).AsSByte());
        return Vector256.ConvertToSingle(
            Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector256<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> a)
    {
        var half = Vector128.MaxNative(a.GetLower(), a.GetUpper());
        half = Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 2, 3)));
        return Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(1, 1, 3, 3))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> a) => VectorMath.Exp(a);
}

/// <summary>One lane: what the others are held against.</summary>
internal readonly unsafe struct AttentionLanesScalar : IAttentionLanes<float>
{
    public static int Width => 1;

    public static float Zero => 0;

    public static float Load(float* source) => *source;

    public static float LoadHalves(short* source) => (float)*(Half*)source;

    public static float LoadFiniteHalves(short* source) => LoadHalves(source);

    public static float LoadBytes(sbyte* source) => *source;

    public static void Store(float* target, float value) => *target = value;

    public static float Broadcast(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static float Max(float a, float b) => a > b ? a : b;

    public static float Largest(float a) => a;

    public static float Exp(float a) => VectorMath.Exp(Vector256.Create(a)).ToScalar();
}
