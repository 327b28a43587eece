using Causerie.Training.Models;

namespace Causerie.Training.Tests.Models;

/// <summary>The same model in double and in plain loops: what the gradients are differences of.</summary>
internal sealed class ReferenceTransformer(TransformerShape s)
{
    private readonly ParameterLayout _layout = new(s);

    /// <summary>The sum of a batch's losses.</summary>
    public double Loss(double[] parameters, Batch batch)
    {
        double loss = 0;
        for (int d = 0; d + 1 < batch.Starts.Length; d++)
        {
            int first = batch.Starts[d], count = batch.Starts[d + 1] - first;
            double[][] logits = Logits(parameters, batch.Tokens.AsSpan(first, count));
            for (int t = 0; t < count; t++)
            {
                int target = batch.Targets[first + t];
                if (target >= 0)
                    loss += Math.Log(logits[t].Sum(x => Math.Exp(x - logits[t].Max()))) + logits[t].Max() - logits[t][target];
            }
        }
        return loss;
    }

    /// <summary>[tokens][vocabulary] of one document.</summary>
    public double[][] Logits(double[] parameters, ReadOnlySpan<int> tokens)
    {
        var x = new double[tokens.Length][];
        for (int t = 0; t < x.Length; t++)
            x[t] = Row(parameters, _layout.Embedding, tokens[t]);
        foreach (var layer in _layout.Layers)
        {
            Attend(parameters, layer, x);
            foreach (double[] row in x)
            {
                double[] normed = Norm(parameters, layer.FeedForwardNorm, row);
                double[] gate = Times(parameters, layer.Gate, normed), up = Times(parameters, layer.Up, normed);
                Add(row, Times(parameters, layer.Down, [.. gate.Select((g, i) => g / (1 + Math.Exp(-g)) * up[i])]));
            }
        }
        return [.. x.Select(row => Times(parameters, _layout.Embedding, Norm(parameters, _layout.Norm, row)))];
    }

    private void Attend(double[] parameters, LayerParameters layer, double[][] x)
    {
        double[][] normed = [.. x.Select(row => Norm(parameters, layer.AttentionNorm, row))];
        double[][] q = [.. normed.Select((row, t) => Turn(Times(parameters, layer.Query, row), t))];
        double[][] k = [.. normed.Select((row, t) => Turn(Times(parameters, layer.Key, row), t))];
        double[][] v = [.. normed.Select(row => Times(parameters, layer.Value, row))];
        int dim = s.HeadDim, group = s.Heads / s.KeyHeads;
        for (int t = 0; t < x.Length; t++)
        {
            var output = new double[s.QueryWidth];
            for (int h = 0; h < s.Heads; h++)
            {
                int kv = h / group * dim;
                double[] weights =
                [
                    .. Enumerable.Range(0, t + 1).Select(p => Math.Exp(
                        Enumerable.Range(0, dim).Sum(i => q[t][(h * dim) + i] * k[p][kv + i]) / Math.Sqrt(dim))),
                ];
                double sum = weights.Sum();
                for (int i = 0; i < dim; i++)
                    output[(h * dim) + i] = weights.Select((w, p) => w / sum * v[p][kv + i]).Sum();
            }
            Add(x[t], Times(parameters, layer.Output, output));
        }
    }

    private double[] Turn(double[] x, int position)
    {
        for (int i = 0; i < x.Length; i += 2)
        {
            double angle = position * Math.Pow(s.RopeBase, -(double)(i % s.HeadDim) / s.HeadDim);
            (x[i], x[i + 1]) = ((x[i] * Math.Cos(angle)) - (x[i + 1] * Math.Sin(angle)),
                (x[i] * Math.Sin(angle)) + (x[i + 1] * Math.Cos(angle)));
        }
        return x;
    }

    private double[] Norm(double[] parameters, Parameter weight, double[] x)
    {
        double scale = 1 / Math.Sqrt((x.Sum(v => v * v) / x.Length) + s.Epsilon);
        return [.. x.Select((v, i) => v * scale * parameters[weight.Start + i])];
    }

    private static double[] Row(double[] parameters, Parameter matrix, int row) =>
        parameters[(int)(matrix.Start + ((long)row * matrix.Columns))..(int)(matrix.Start + ((row + 1L) * matrix.Columns))];

    private static double[] Times(double[] parameters, Parameter matrix, double[] x)
    {
        var y = new double[matrix.Rows];
        long at = matrix.Start;
        for (int r = 0; r < y.Length; r++)
        {
            for (int c = 0; c < x.Length; c++, at++)
                y[r] += parameters[at] * x[c];
        }
        return y;
    }

    private static void Add(double[] x, double[] y)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] += y[i];
    }
}
