using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Training.Models;

namespace Causerie.Training.Optimisation;

/// <summary>
/// Momentum whose steps are made orthogonal (Jordan et al., 2024), so that a matrix learns in all directions alike: for
/// the matrices of the blocks. The steps have the size that <see cref="AdamW"/>'s have (Liu et al., 2025).
/// </summary>
/// <param name="options">Its constants.</param>
/// <param name="pool">The threads.</param>
public sealed class Muon(MuonOptions options, WorkerPool pool)
{
    /// <summary>The root mean square of a step's elements, as a part of the rate.</summary>
    private const float StepSize = 0.2f;

    private readonly Orthogonal _orthogonal = new(pool);
    private float[] _step = [];

    /// <summary>Moves a matrix once.</summary>
    /// <param name="matrix">Its rows and columns.</param>
    /// <param name="weights">[rows, columns] f32.</param>
    /// <param name="gradient">[rows, columns] f32, already bounded.</param>
    /// <param name="momentum">[rows, columns] f32, kept from step to step.</param>
    /// <param name="part">The part of the highest rate that this step has.</param>
    public void Apply(
        Parameter matrix, Span<float> weights, ReadOnlySpan<float> gradient, Span<float> momentum, float part)
    {
        if (_step.Length < weights.Length)
            _step = new float[weights.Length];
        var step = _step.AsSpan(0, weights.Length);
        Elementwise.Scale(momentum, options.Momentum, pool);
        Elementwise.Add(momentum, gradient, pool);
        momentum.CopyTo(step); // Nesterov's: a momentum ahead
        Elementwise.Scale(step, options.Momentum, pool);
        Elementwise.Add(step, gradient, pool);
        _orthogonal.Apply(step, matrix.Rows, matrix.Columns);
        float rate = options.Rate * part;
        float size = StepSize * MathF.Sqrt(Math.Max(matrix.Rows, matrix.Columns));
        Elementwise.Scale(weights, 1 - (rate * options.Decay), pool);
        Elementwise.Scale(step, -rate * size, pool);
        Elementwise.Add(weights, step, pool);
    }
}

/// <summary>Constants of <see cref="Muon"/>.</summary>
public sealed record MuonOptions
{
    /// <summary>Learning rate after the warm-up.</summary>
    public float Rate { get; init; } = 4e-3f;

    /// <summary>How much of the last steps goes on.</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>Weight decay.</summary>
    public float Decay { get; init; } = 0.05f;
}
