using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>One step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019).</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="Beta1">How slowly the mean follows.</param>
/// <param name="Beta2">How slowly the mean of squares follows.</param>
/// <param name="Correction1">1 − β₁ᵗ.</param>
/// <param name="Correction2">1 − β₂ᵗ.</param>
/// <param name="Epsilon">Keeps the divisor from zero.</param>
/// <param name="Decay">Weight decay.</param>
/// <param name="GradientScale">What gradients are multiplied by first: clipping.</param>
public readonly record struct AdamStep(
    float Rate, float Beta1, float Beta2, float Correction1, float Correction2, float Epsilon, float Decay,
    float GradientScale)
{
    /// <summary>Moves weights and both means.</summary>
    /// <param name="weights">[n] f32.</param>
    /// <param name="gradient">[n] f32.</param>
    /// <param name="mean">[n] f32.</param>
    /// <param name="square">[n] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public void Apply(
        Span<float> weights, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square, WorkerPool pool)
    {
        if (gradient.Length != weights.Length || mean.Length != weights.Length || square.Length != weights.Length)
            throw new ArgumentException("Weights, gradient and means differ in length.");
        var work = new Work(this, weights, gradient, mean, square);
        RowShare.Run(ref work, weights.Length, 1, pool);
    }

    /// <summary>Σ x², in double, in one order for any number of threads.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> x) => Rows.SumOfSquares(x, 0);

    private Vector256<float> Next(
        Vector256<float> weight, Vector256<float> gradient, ref Vector256<float> mean, ref Vector256<float> square)
    {
        var g = gradient * GradientScale;
        mean += (g - mean) * (1 - Beta1);
        square += ((g * g) - square) * (1 - Beta2);
        var divisor = Vector256.Sqrt(square / Vector256.Create(Correction2)) + Vector256.Create(Epsilon);
        return weight - (((mean / Vector256.Create(Correction1) / divisor) + (weight * Decay)) * Rate);
    }

    private readonly ref struct Work(
        AdamStep step, Span<float> weights, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square)
        : IChunkedWork
    {
        private readonly Span<float> _weights = weights;
        private readonly ReadOnlySpan<float> _gradient = gradient;
        private readonly Span<float> _mean = mean;
        private readonly Span<float> _square = square;

        public void Run(int chunk, int worker)
        {
            var part = RowShare.Of(chunk, 1, _weights.Length);
            var weights = _weights[part];
            var gradient = _gradient[part];
            var mean = _mean[part];
            var square = _square[part];
            ref float rw = ref MemoryMarshal.GetReference(weights);
            ref float rg = ref MemoryMarshal.GetReference(gradient);
            ref float rm = ref MemoryMarshal.GetReference(mean);
            ref float rs = ref MemoryMarshal.GetReference(square);
            int i = 0;
            for (; i + 8 <= weights.Length; i += 8)
            {
                var m = Vector256.LoadUnsafe(ref rm, (nuint)i);
                var s = Vector256.LoadUnsafe(ref rs, (nuint)i);
                step.Next(
                    Vector256.LoadUnsafe(ref rw, (nuint)i), Vector256.LoadUnsafe(ref rg, (nuint)i), ref m, ref s)
                    .StoreUnsafe(ref rw, (nuint)i);
                m.StoreUnsafe(ref rm, (nuint)i);
                s.StoreUnsafe(ref rs, (nuint)i);
            }
            for (; i < weights.Length; i++)
            {
                var m = Vector256.Create(mean[i]);
                var s = Vector256.Create(square[i]);
                weights[i] = step.Next(Vector256.Create(weights[i]), Vector256.Create(gradient[i]), ref m, ref s)[0];
                mean[i] = m[0];
                square[i] = s[0];
            }
        }
    }
}
