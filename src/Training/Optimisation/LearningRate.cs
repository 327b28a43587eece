using Causerie.Compute.Kernels;

namespace Causerie.Training.Optimisation;

/// <summary>How fast a model learns at each step: a straight warm-up, then half a cosine down to a floor.</summary>
/// <param name="Peak">The rate after the warm-up.</param>
/// <param name="Floor">The rate at the last step.</param>
/// <param name="WarmUp">Steps until the peak.</param>
/// <param name="Steps">All steps.</param>
public sealed record LearningRate(float Peak, float Floor, int WarmUp, int Steps)
{
    /// <summary>The rate of step <paramref name="step"/>, from 0.</summary>
    public float At(int step)
    {
        if (step < WarmUp)
            return Peak * (step + 1) / WarmUp;
        float part = Steps <= WarmUp ? 1 : (float)(step - WarmUp) / (Steps - WarmUp);
        var (_, cos) = Trigonometry.SinCos(part * MathF.PI);
        return Floor + ((Peak - Floor) * 0.5f * (1 + cos));
    }
}
