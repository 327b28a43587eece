using Causerie.Training.Corpus;

namespace Causerie.Training.Models;

/// <summary>The parameters before the first step (as GPT-2's: Radford et al., 2019).</summary>
public static class Initialisation
{
    private const float Deviation = 0.02f;

    /// <summary>Norms are 1, matrices nearly normal; those that write to the residual stream are smaller with depth.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dice">Where chance comes from.</param>
    public static float[] Draw(TransformerShape shape, Dice dice)
    {
        var layout = new ParameterLayout(shape);
        var parameters = new float[layout.Length];
        float residual = Deviation / MathF.Sqrt(2 * shape.Layers);
        var writers = layout.Layers.SelectMany(layer => new[] { layer.Output, layer.Down }).ToHashSet();
        foreach (var parameter in layout.All)
        {
            var values = parameter.Of(parameters);
            if (parameter.IsNorm)
            {
                values.Fill(1);
                continue;
            }
            float deviation = writers.Contains(parameter) ? residual : Deviation;
            foreach (ref float value in values)
                value = Normal(dice) * deviation;
        }
        return parameters;
    }

    /// <summary>A sum of twelve: as good as normal here, and the same everywhere, which a logarithm may not be.</summary>
    private static float Normal(Dice dice)
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
            sum += dice.NextDouble();
        return (float)sum;
    }
}
