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

    public const int SumAt = 36;

    public const int FirstSumAt = 40;

    public const int SecondSumAt = 44;

    public const int OffsetSumAt = 48;

    public const int FirstSeedAt = 52;

    public const int SecondSeedAt = 56;

    public const int FirstOffsetSumAt = 60;

    [FieldOffset(0)]
    private fixed sbyte _values[Length];

    /// <summary>x ≈ scale · value; NaN where an activation is not finite, so that the result is none either.</summary>
    [FieldOffset(ScaleAt)]
    private float _scale;

    /// <summary>Σ value, times the scale where the record has one of its own.</summary>
    [FieldOffset(SumAt)]
    private float _sum;

    /// <summary>The same of the first 16.</summary>
    [FieldOffset(FirstSumAt)]
    private float _firstSum;

    [FieldOffset(SecondSumAt)]
    private float _secondSum;

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

    /// <summary>Quantises activations: scale = max |x| / 127, value = x / scale rounded to nearest even.</summary>
    /// <param name="x">[32 · count] f32.</param>
    /// <param name="count">Records that share a scale, which their sums then leave out; 1 keeps it for itself.</param>
    /// <param name="offset">What the weights' format subtracts from its bytes.</param>
    /// <param name="record">The first record, overwritten like the others.</param>
    /// <param name="stride">Bytes from a record to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* x, int count, int offset, byte* record, nint stride)
    {
        // Bits without the sign order as the magnitudes do, infinities and NaN above all numbers.
        var bits = Vector256<int>.Zero;
        for (int i = 0; i < count * Length; i += 8)
            bits = Vector256.Max(bits, Vector256.Load(x + i).AsInt32() & Vector256.Create(0x7FFFFFFF));
        var four = Vector128.Max(bits.GetLower(), bits.GetUpper());
        int largest = Math.Max(
            Math.Max(four.GetElement(0), four.GetElement(1)), Math.Max(four.GetElement(2), four.GetElement(3)));
        float max = BitConverter.Int32BitsToSingle(largest);
        float inverse = 127 / max;
        for (int i = 0; i < count; i++, x += Length, record += stride)
        {
            var target = (ActivationRecord*)record;
            if (float.IsFinite(inverse))
            {
                target->Quantize(x, inverse, max / 127, offset, count > 1);
                continue;
            }

            // Zero, so small that its inverse overflows, or not a number.
            *target = default;
            target->_scale = target->_sum = target->_firstSum = target->_secondSum =
                float.IsFinite(max) ? 0 : float.NaN;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Quantize(float* x, float inverse, float scale, int offset, bool shared)
    {
        var factor = Vector256.Create(inverse);
        var q0 = Rounded(Vector256.Load(x) * factor);
        var q1 = Rounded(Vector256.Load(x + 8) * factor);
        var q2 = Rounded(Vector256.Load(x + 16) * factor);
        var q3 = Rounded(Vector256.Load(x + 24) * factor);
        fixed (sbyte* values = _values)
            Vector256.Narrow(Vector256.Narrow(q0, q1), Vector256.Narrow(q2, q3)).Store(values);

        var (even0, odd0) = PairSums(q0 + q1);
        var (even1, odd1) = PairSums(q2 + q3);
        float unit = shared ? 1 : scale;
        _scale = scale;
        _sum = unit * (even0 + odd0 + even1 + odd1);
        _firstSum = unit * (even0 + odd0);
        _secondSum = unit * (even1 + odd1);
        _offsetSum = offset * (even0 + odd0 + even1 + odd1);
        _firstSeed = (ushort)(-offset * even0) | ((uint)(-offset * odd0) << 16);
        _secondSeed = (ushort)(-offset * even1) | ((uint)(-offset * odd1) << 16);
        _firstOffsetSum = offset * (even0 + odd0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Rounded(Vector256<float> x) => Vector256.ConvertToInt32Native(Vector256.Round(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Even, int Odd) PairSums(Vector256<int> sums)
    {
        var four = sums.GetLower() + sums.GetUpper();
        return (four.GetElement(0) + four.GetElement(1), four.GetElement(2) + four.GetElement(3));
    }
}
