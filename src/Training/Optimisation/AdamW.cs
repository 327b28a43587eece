using Causerie.Compute.Gradients;
using Causerie.Compute.Threading;
using Causerie.Training.Models;

namespace Causerie.Training.Optimisation;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019) and a bound on the gradient's length.</summary>
/// <param name="layout">Which parameters are norms, which decay leaves alone.</param>
/// <param name="options">Its constants.</param>
public sealed class AdamW(ParameterLayout layout, AdamWOptions options)
{
    /// <summary>[parameters] the gradients' running mean.</summary>
    public float[] Mean { get; } = new float[layout.Length];

    /// <summary>[parameters] the running mean of their squares.</summary>
    public float[] Square { get; } = new float[layout.Length];

    /// <summary>Steps that were taken.</summary>
    public int Steps { get; set; }

    /// <summary>Moves all parameters once; returns the gradient's length before it was bounded.</summary>
    /// <param name="parameters">[parameters] f32.</param>
    /// <param name="gradient">[parameters] f32.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="pool">The threads.</param>
    public double Step(float[] parameters, float[] gradient, float rate, WorkerPool pool)
    {
        Steps++;
        double length = Math.Sqrt(layout.All.Sum(parameter => AdamStep.SumOfSquares(parameter.Of(gradient))));
        float scale = length > options.Clip ? (float)(options.Clip / length) : 1;
        var step = new AdamStep(
            rate, options.Beta1, options.Beta2, 1 - Power(options.Beta1), 1 - Power(options.Beta2), options.Epsilon,
            options.Decay, scale);
        foreach (var parameter in layout.All)
        {
            (parameter.IsNorm ? step with { Decay = 0 } : step).Apply(
                parameter.Of(parameters), parameter.Of(gradient), parameter.Of(Mean), parameter.Of(Square), pool);
        }
        return length;
    }

    /// <summary>x to the number of steps, by multiplications, which are the same everywhere.</summary>
    private float Power(float x)
    {
        double power = 1, factor = x;
        for (int n = Steps; n > 0; n >>= 1, factor *= factor)
        {
            if ((n & 1) == 1)
                power *= factor;
        }
        return (float)power;
    }
}

/// <summary>Constants of <see cref="AdamW"/>.</summary>
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
