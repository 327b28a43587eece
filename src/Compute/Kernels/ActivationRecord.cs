using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Causerie.Compute.Kernels;

/// <summary>
/// 32 activations of one column as signed bytes, with the sums that integer kernels need: one cache line.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct ActivationRecord
{
    public const int Bytes = 64;

    /// <summary>Activations in a record.</summary>
    public const int Length = 32;

    public const int ScaleAt = 32;

    public const int ScaledSumAt = 36;

    public const int FirstScaledSumAt = 40;

    public const int SecondScaledSumAt = 44;

    public const int OffsetSumAt = 48;

    public const int FirstSeedAt = 52;

    public const int SecondSeedAt = 56;

    public const int FirstOffsetSumAt = 60;

    [FieldOffset(0)]
    private fixed sbyte _values[Length];

    /// <summary>x ≈ scale · value; NaN where an activation is not finite, so that the result is none either.</summary>
    [FieldOffset(ScaleAt)]
    private float _scale;

    /// <summary>scale · Σ value.</summary>
    [FieldOffset(ScaledSumAt)]
    private float _scaledSum;

    /// <summary>scale · Σ of the first 16.</summary>
    [FieldOffset(FirstScaledSumAt)]
    private float _firstScaledSum;

    [FieldOffset(SecondScaledSumAt)]
    private float _secondScaledSum;

    /// <summary>offset · Σ value.</summary>
    [FieldOffset(OffsetSumAt)]
    private int _offsetSum;

    /// <summary>
    /// Of the first 16, −offset · Σ of those that each of a lane's two i16 sums meets: places 0, 1 and 2, 3 of four.
    /// </summary>
    [FieldOffset(FirstSeedAt)]
    private uint _firstSeed;

    [FieldOffset(SecondSeedAt)]
    private uint _secondSeed;

    /// <summary>offset · Σ of the first 16.</summary>
    [FieldOffset(FirstOffsetSumAt)]
    private int _firstOffsetSum;

    /// <summary>Quantises 32 activations: scale = max |x| / 127, value = x / scale rounded to nearest even.</summary>
    /// <param name="x">[32] f32.</param>
    /// <param name="offset">What the weights' format subtracts from its bytes.</param>
    /// <param name="record">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* x, int offset, ActivationRecord* record)
    {
        var x0 = Vector256.Load(x);
        var x1 = Vector256.Load(x + 8);
        var x2 = Vector256.Load(x + 16);
        var x3 = Vector256.Load(x + 24);

        // Bits without the sign order as the magnitudes do, infinities and NaN above all numbers.
        var bits = Vector256.Max(
            Vector256.Max(Magnitude(x0), Magnitude(x1)), Vector256.Max(Magnitude(x2), Magnitude(x3)));
        var four = Vector128.Max(bits.GetLower(), bits.GetUpper());
        int largest = Math.Max(
            Math.Max(four.GetElement(0), four.GetElement(1)), Math.Max(four.GetElement(2), four.GetElement(3)));
        float max = BitConverter.Int32BitsToSingle(largest);
        float inverse = 127 / max;
        if (!float.IsFinite(inverse))
        {
            // Zero, so small that its inverse overflows, or not a number.
            *record = default;
            record->_scale = record->_scaledSum = record->_firstScaledSum = record->_secondScaledSum =
                float.IsFinite(max) ? 0 : float.NaN;
            return;
        }

        var factor = Vector256.Create(inverse);
        var q0 = Rounded(x0 * factor);
        var q1 = Rounded(x1 * factor);
        var q2 = Rounded(x2 * factor);
        var q3 = Rounded(x3 * factor);
        Vector256.Narrow(Vector256.Narrow(q0, q1), Vector256.Narrow(q2, q3)).Store(record->_values);

        var (even0, odd0) = PairSums(q0 + q1);
        var (even1, odd1) = PairSums(q2 + q3);
        float scale = max / 127;
        record->_scale = scale;
        record->_scaledSum = scale * (even0 + odd0 + even1 + odd1);
        record->_firstScaledSum = scale * (even0 + odd0);
        record->_secondScaledSum = scale * (even1 + odd1);
        record->_offsetSum = offset * (even0 + odd0 + even1 + odd1);
        record->_firstSeed = (ushort)(-offset * even0) | ((uint)(-offset * odd0) << 16);
        record->_secondSeed = (ushort)(-offset * even1) | ((uint)(-offset * odd1) << 16);
        record->_firstOffsetSum = offset * (even0 + odd0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Magnitude(Vector256<float> x) => x.AsInt32() & Vector256.Create(0x7FFFFFFF);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Rounded(Vector256<float> x) => Vector256.ConvertToInt32Native(Vector256.Round(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Even, int Odd) PairSums(Vector256<int> sums)
    {
        var four = sums.GetLower() + sums.GetUpper();
        return (four.GetElement(0) + four.GetElement(1), four.GetElement(2) + four.GetElement(3));
    }
}
