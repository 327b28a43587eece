using Causerie.Compute.Gradients;

namespace Causerie.Training.Optimisation;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019).</summary>
/// <param name="options">Its constants.</param>
public readonly struct AdamW(AdamWOptions options)
{
    /// <summary>What a step does to weights and means.</summary>
    /// <param name="count">The step, from 1.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="scale">What gradients are multiplied by first.</param>
    public AdamStep At(int count, float rate, float scale) => new(
        rate, options.Beta1, options.Beta2, 1 - Power(options.Beta1, count), 1 - Power(options.Beta2, count),
        options.Epsilon, options.Decay, scale);

    /// <summary>x to the power of n, by multiplications, which are the same everywhere.</summary>
    private static float Power(float x, int n)
    {
        double power = 1, factor = x;
        for (; n > 0; n >>= 1, factor *= factor)
        {
            if ((n & 1) == 1)
                power *= factor;
        }
        return (float)power;
    }
}

/// <summary>Constants of <see cref="AdamW"/>, and the bound on a gradient's length.</summary>
public sealed record AdamWOptions
{
    /// <summary>How slowly the mean follows.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>How slowly the mean of squares follows.</summary>
    public float Beta2 { get; init; } = 0.98f;

    /// <summary>Keeps the divisor from zero.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Weight decay.</summary>
    public float Decay { get; init; } = 0.05f;

    /// <summary>The longest gradient that is taken as it is.</summary>
    public float Clip { get; init; } = 1;
}
