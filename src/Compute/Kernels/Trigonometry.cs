namespace Causerie.Compute.Kernels;

/// <summary>Sine and cosine with the same bits on every processor.</summary>
/// <remarks>
/// The framework's and the C library's round otherwise where there is no fused multiply-add. This is double arithmetic
/// without any: the reduction by π/2 in two parts, and the polynomials, of fdlibm (Sun Microsystems, 1993). Its error is
/// far below half a unit of f32's last place.
/// </remarks>
public static class Trigonometry
{
    private const double TwoOverPi = 6.36619772367581382433e-01;
    private const double HalfPiHigh = 1.57079632673412561417e+00; // its first 33 bits: products with 20 bits are exact
    private const double HalfPiLow = 6.07710050650619224932e-11;

    /// <summary>Both of an angle in radians; accurate up to a million.</summary>
    public static (float Sin, float Cos) SinCos(float angle)
    {
        double quarters = Math.Round(angle * TwoOverPi);
        double r = (angle - (quarters * HalfPiHigh)) - (quarters * HalfPiLow);
        double z = r * r;
        double sin = r + (r * z * (-1.66666666666666324348e-01 + (z * (8.33333333332248946124e-03
            + (z * (-1.98412698298579493134e-04 + (z * (2.75573137070700676789e-06
            + (z * (-2.50507602534068634195e-08 + (z * 1.58969099521155010221e-10)))))))))));
        double cos = 1 - (0.5 * z) + (z * z * (4.16666666666666019037e-02 + (z * (-1.38888888888741095749e-03
            + (z * (2.48015872894767294178e-05 + (z * (-2.75573143513906633035e-07
            + (z * (2.08757232129817482790e-09 + (z * -1.13596475577881948265e-11)))))))))));
        return ((long)quarters & 3) switch
        {
            0 => ((float)sin, (float)cos),
            1 => ((float)cos, (float)-sin),
            2 => ((float)-sin, (float)-cos),
            _ => ((float)-cos, (float)sin),
        };
    }
}
