using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>Eight f16 as f32, exactly; infinities and NaN stay what they are, so that an overflow is seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector128<short> halves)
    {
        // Sign extension puts the sign at the top and leaves copies below it, which the mask removes.
        var wide = Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves));
        var placed = (wide << 13) & Vector256.Create(unchecked((int)0x8FFFE000));
        var value = placed.AsSingle() * Vector256.Create(5.192296858534828e33f);
        // Only what is not finite comes out at 2^16 or above: it gets f32's highest exponent and keeps its mantissa.
        var special = Vector256.GreaterThanOrEqual(Vector256.Abs(value), Vector256.Create(65536f));
        return value | (special & Vector256.Create(0x7F800000).AsSingle());
    }
}
