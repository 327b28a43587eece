using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Kernels;

/// <summary>
/// Exponential, hyperbolic tangent and error function of eight f32 at a time; every lane gives what any other would.
/// </summary>
internal static class VectorMath
{
    /// <summary>e^x within two units of the last place; 0 below −104, infinity above 88.73, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        // x = n · ln 2 + r with |r| ≤ ln 2 / 2; the two parts of ln 2 keep r exact. Then e^r by Taylor's series.
        x = Vector256.MinNative(Vector256.Create(89f), Vector256.MaxNative(Vector256.Create(-105f), x));
        var n = Vector256.Round(x * 1.44269504f);
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var e = Vector256.Create(1f / 5040);
        e = Vector256.FusedMultiplyAdd(e, r, Vector256.Create(1f / 720));
        e = Vector256.FusedMultiplyAdd(e, r, Vector256.Create(1f / 120));
        e = Vector256.FusedMultiplyAdd(e, r, Vector256.Create(1f / 24));
        e = Vector256.FusedMultiplyAdd(e, r, Vector256.Create(1f / 6));
        e = Vector256.FusedMultiplyAdd(e, r, Vector256.Create(0.5f));
        e = Vector256.FusedMultiplyAdd(e, r, Vector256<float>.One);
        e = Vector256.FusedMultiplyAdd(e, r, Vector256<float>.One);

        // 2^n as two factors, since n runs from −151 to 128: results may be subnormal or infinite.
        var power = Vector256.ConvertToInt32Native(n);
        var first = power >> 1;
        var second = power - first;
        var bias = Vector256.Create(127);
        return e * ((first + bias) << 23).AsSingle() * ((second + bias) << 23).AsSingle();
    }

    /// <summary>The same of sixteen f32, with the same bits; needs AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Avx512F.Min(Vector512.Create(89f), Avx512F.Max(Vector512.Create(-105f), x));
        var n = Avx512F.RoundScale(x * Vector512.Create(1.44269504f), 0);
        var r = Avx512F.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Avx512F.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var e = Vector512.Create(1f / 5040);
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512.Create(1f / 720));
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512.Create(1f / 120));
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512.Create(1f / 24));
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512.Create(1f / 6));
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512.Create(0.5f));
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512<float>.One);
        e = Avx512F.FusedMultiplyAdd(e, r, Vector512<float>.One);

        // Rounds once, as the two factors do, the first of which is exact.
        return Avx512F.Scale(e, n);
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x) =>
        Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    /// <summary>tanh x within three units of the last place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        // Near zero 1 − 2 / (e^2x + 1) would cancel: there x + x³ · P(x²), P interpolated at Chebyshev's points.
        var magnitude = Vector256.Abs(x);
        var u = x * x;
        var p = Vector256.Create(0.0023707659f);
        p = Vector256.FusedMultiplyAdd(p, u, Vector256.Create(-0.008410071f));
        p = Vector256.FusedMultiplyAdd(p, u, Vector256.Create(0.021788322f));
        p = Vector256.FusedMultiplyAdd(p, u, Vector256.Create(-0.053961552f));
        p = Vector256.FusedMultiplyAdd(p, u, Vector256.Create(0.13333313f));
        p = Vector256.FusedMultiplyAdd(p, u, Vector256.Create(-0.33333333f));
        var near = Vector256.FusedMultiplyAdd(x * u, p, x);
        var far = Vector256<float>.One - (Vector256.Create(2f) / (Exp(magnitude + magnitude) + Vector256<float>.One));
        far |= x & Vector256.Create(-0f);
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(0.6f)), near, far);
    }

    /// <summary>erf x within 6e-7 (Abramowitz and Stegun, 7.1.26, in f32) and exact in sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Erf(Vector256<float> x)
    {
        var magnitude = Vector256.Abs(x);
        var one = Vector256<float>.One;
        var t = one / Vector256.FusedMultiplyAdd(magnitude, Vector256.Create(0.3275911f), one);
        var p = Vector256.Create(1.061405429f);
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-1.453152027f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(1.421413741f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-0.284496736f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(0.254829592f));
        var far = one - (p * t * Exp(-(magnitude * magnitude)));
        return far | (x & Vector256.Create(-0f));
    }

    /// <summary>Eight f16 as f32, exactly, where none is infinite or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FiniteToSingle(Vector128<short> halves)
    {
        // Sign extension puts the sign at the top and leaves copies below it, which the mask removes.
        var wide = Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves));
        var placed = (wide << 13) & Vector256.Create(unchecked((int)0x8FFFE000));
        return placed.AsSingle() * Vector256.Create(5.192296858534828e33f);
    }

    /// <summary>Eight f16 as f32, exactly; infinities and NaN stay what they are, so that an overflow is seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector128<short> halves)
    {
        var value = FiniteToSingle(halves);

        // Only what is not finite comes out at 2^16 or above: it gets f32's highest exponent and keeps its mantissa.
        var special = Vector256.GreaterThanOrEqual(Vector256.Abs(value), Vector256.Create(65536f));
        return value | (special & Vector256.Create(0x7F800000).AsSingle());
    }

    /// <summary>Sixteen f16 as f32, exactly, where none is infinite or NaN; needs AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FiniteToSingle(Vector256<short> halves)
    {
        var placed = Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(halves), 13)
            & Vector512.Create(unchecked((int)0x8FFFE000));
        return placed.AsSingle() * Vector512.Create(5.192296858534828e33f);
    }

    /// <summary>Sixteen f16 as f32, likewise; needs AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector256<short> halves)
    {
        var value = FiniteToSingle(halves);
        var special = Vector512.GreaterThanOrEqual(Vector512.Abs(value), Vector512.Create(65536f));
        return value | (special & Vector512.Create(0x7F800000).AsSingle());
    }

    /// <summary>Eight f32 as the nearest f16, ties to even: the bits that a cast to Half gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> ToHalf(Vector256<float> x)
    {
        // A power of two 2^13 above the value, but never below 2^-1, rounds away what an f16 has no bits for, also of
        // those that are subnormal there; its exponent is taken off again afterwards.
        var magnitude = Vector256.Abs(x);
        var bounded = Vector256.MinNative(magnitude, Vector256.Create(65520f));
        var exponent = Vector256.MaxNative(bounded, Vector256.Create(6.103515625e-5f)).AsUInt32()
            & Vector256.Create(0x7F800000u);
        var rounder = exponent + Vector256.Create(0x06800000u);
        var rounded = (bounded + rounder.AsSingle()).AsUInt32() - Vector256.Create(0x3F000000u);
        var finite = rounded + (rounded >> 13);

        // A NaN keeps the top of its payload and becomes quiet.
        var payload = (x.AsUInt32() >> 13) & Vector256.Create(0x3FFu);
        var bits = Vector256.ConditionalSelect(
            Vector256.Equals(x, x).AsUInt32(), finite, payload | Vector256.Create(0x7E00u));
        bits |= (x.AsUInt32() >> 16) & Vector256.Create(0x8000u);
        bits &= Vector256.Create(0xFFFFu);
        return Vector128.Narrow(bits.GetLower(), bits.GetUpper());
    }
}
