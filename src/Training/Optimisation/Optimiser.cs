using Causerie.Compute.Gradients;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Training.Models;
using Causerie.Training.Recipes;

namespace Causerie.Training.Optimisation;

/// <summary>Moves all parameters by their gradients: AdamW, and where the recipe says so <see cref="Muon"/> for the blocks' matrices.</summary>
public sealed class Optimiser
{
    private readonly ParameterLayout _layout;
    private readonly AdamWOptions _options;
    private readonly LearningRate _rate;
    private readonly Muon? _muon;
    private readonly WorkerPool _pool;

    /// <summary>The optimiser before the first step.</summary>
    /// <param name="layout">Which parameters are norms, which decay leaves alone.</param>
    /// <param name="recipe">Rates and constants.</param>
    /// <param name="pool">The threads.</param>
    public Optimiser(ParameterLayout layout, Recipe recipe, WorkerPool pool)
    {
        _layout = layout;
        _options = recipe.Optimiser;
        _rate = recipe.LearningRate;
        _muon = recipe.Muon is { } muon ? new Muon(muon, pool) : null;
        _pool = pool;
        Mean = new float[layout.Length];
        Square = new float[layout.Length];
    }

    /// <summary>[parameters] the gradients' running mean, or Muon's momentum.</summary>
    public float[] Mean { get; }

    /// <summary>[parameters] the running mean of their squares; Muon has none.</summary>
    public float[] Square { get; }

    /// <summary>Steps that were taken.</summary>
    public int Steps { get; set; }

    /// <summary>The learning rate of the next step.</summary>
    public float Rate => _rate.At(Steps);

    /// <summary>Moves all parameters once; returns the gradient's length before it was bounded.</summary>
    /// <param name="parameters">[parameters] f32.</param>
    /// <param name="gradient">[parameters] f32; it is bounded in place where Muon takes it.</param>
    public double Step(float[] parameters, float[] gradient)
    {
        float rate = Rate;
        Steps++;
        double length = Math.Sqrt(_layout.All.Sum(parameter => AdamStep.SumOfSquares(parameter.Of(gradient))));
        float scale = length > _options.Clip ? (float)(_options.Clip / length) : 1;
        var step = new AdamW(_options).At(Steps, rate, scale);
        foreach (var parameter in _layout.All)
        {
            var weights = parameter.Of(parameters);
            var slope = parameter.Of(gradient);
            if (_muon is null || parameter.IsNorm || parameter == _layout.Embedding)
            {
                (parameter.IsNorm ? step with { Decay = 0 } : step).Apply(
                    weights, slope, parameter.Of(Mean), parameter.Of(Square), _pool);
                continue;
            }
            Elementwise.Scale(slope, scale, _pool);
            _muon.Apply(parameter, weights, slope, parameter.Of(Mean), rate / _rate.Peak);
        }
        return length;
    }
}
