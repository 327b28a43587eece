using Causerie.Compute.Threading;
using Causerie.Training.Corpus;
using Causerie.Training.Models;

namespace Causerie.Training.Tests.Models;

public sealed class TransformerTests
{
    internal static readonly TransformerShape Shape = new(
        Vocabulary: 37, Layers: 2, Width: 32, Heads: 4, KeyHeads: 2, HeadDim: 8, FeedForward: 64, Context: 16);

    private static readonly Batch Batch = new(
        [1, 5, 9, 36, 2, 7, 7, 7, 3, 0, 12],
        [5, -1, 36, 2, 7, 7, -1, 3, -1, 12, 1],
        [0, 5, 10, 11]);

    [Fact]
    public void The_loss_is_that_of_the_same_model_in_double()
    {
        using var pool = new WorkerPool(2);
        float[] parameters = Draw();
        double expected = new ReferenceTransformer(Shape).Loss([.. parameters], Batch);
        Assert.Equal(expected, new Transformer(Shape, parameters, pool).Loss(Batch), expected * 1e-5);
    }

    [Fact]
    public void Every_matrixs_gradient_is_that_of_finite_differences_in_double()
    {
        using var pool = new WorkerPool(2);
        float[] parameters = Draw();
        var model = new Transformer(Shape, parameters, pool);
        var gradient = new float[parameters.Length];
        model.AddGradient(Batch, 0.5f, gradient);
        double[] exact = [.. parameters];
        var reference = new ReferenceTransformer(Shape);
        var random = new Random(3);
        foreach (var parameter in model.Layout.All)
        {
            double largest = parameter.Of(gradient).ToArray().Max(Math.Abs);
            Assert.True(largest > 1e-6, parameter.Name);
            for (int i = 0; i < 24; i++)
            {
                int at = (int)parameter.Start + random.Next((int)parameter.Length);
                double slope = 0.5 * Difference(exact, reference, 1e-4, (x, step) => x[at] += step);
                Assert.True(
                    Math.Abs(slope - gradient[at]) <= (1e-4 * largest) + 1e-6,
                    $"{parameter.Name} at {at - parameter.Start}: {gradient[at]}, by finite differences {slope}");
            }
        }
    }

    [Fact]
    public void Along_any_direction_through_all_parameters_the_loss_changes_as_the_gradient_says()
    {
        using var pool = new WorkerPool(2);
        float[] parameters = Draw();
        var model = new Transformer(Shape, parameters, pool);
        var gradient = new float[parameters.Length];
        model.AddGradient(Batch, 1, gradient);
        var reference = new ReferenceTransformer(Shape);
        var random = new Random(4);
        for (int i = 0; i < 5; i++)
        {
            double[] direction = [.. parameters.Select(_ => (random.NextDouble() * 2) - 1)];
            double slope = Difference([.. parameters], reference, 1e-5, (x, step) =>
            {
                for (int j = 0; j < x.Length; j++)
                    x[j] += step * direction[j];
            });
            double said = gradient.Select((g, j) => g * direction[j]).Sum();
            Assert.Equal(slope, said, 1e-3 * (1 + Math.Abs(slope)));
        }
    }

    [Fact]
    public void Gradients_are_added_and_the_same_on_any_number_of_threads()
    {
        float[] parameters = Draw();
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var pool = new WorkerPool(threads);
            var model = new Transformer(Shape, parameters, pool);
            var gradient = new float[parameters.Length];
            model.AddGradient(Batch, 1, gradient);
            first ??= gradient;
            Assert.True(first.AsSpan().SequenceEqual(gradient));
            float[] twice = [.. gradient];
            model.AddGradient(Batch, 1, twice);
            for (int i = 0; i < twice.Length; i++)
                Assert.Equal(2 * gradient[i], twice[i], 1e-4f);
        }
    }

    [Fact]
    public void A_document_learns_nothing_from_its_neighbours()
    {
        using var pool = new WorkerPool(1);
        var model = new Transformer(Shape, Draw(), pool);
        double whole = model.Loss(Batch);
        double parts = 0;
        for (int d = 0; d + 1 < Batch.Starts.Length; d++)
        {
            var range = Batch.Starts[d]..Batch.Starts[d + 1];
            parts += model.Loss(new Batch(Batch.Tokens[range], Batch.Targets[range], [0, range.End.Value - range.Start.Value]));
        }
        Assert.Equal(whole, parts, 1e-5);
    }

    [Theory]
    [InlineData(0, 2, 32, 4, 2, 8, 64, 16, "Vocabulary")]
    [InlineData(37, 0, 32, 4, 2, 8, 64, 16, "Layers")]
    [InlineData(37, 2, 33, 4, 2, 8, 64, 16, "blocks of 32")]
    [InlineData(37, 2, 32, 4, 3, 8, 64, 16, "groups")]
    [InlineData(37, 2, 32, 4, 2, 9, 64, 16, "even")]
    [InlineData(37, 2, 32, 4, 2, 8, 64, 4, "Context")]
    [InlineData(1 << 20, 2, 1 << 16, 4, 2, 8, 64, 16, "250 million")]
    public void Sizes_that_cannot_be_are_refused_by_name(
        int vocabulary, int layers, int width, int heads, int keyHeads, int headDim, int feed, int context, string said)
    {
        var shape = new TransformerShape(vocabulary, layers, width, heads, keyHeads, headDim, feed, context);
        Assert.Contains(said, Assert.Throws<ArgumentException>(shape.Check).Message, StringComparison.Ordinal);
    }

    /// <summary>Larger than training begins with, so that no gradient is lost in rounding.</summary>
    private static float[] Draw() =>
        [.. Initialisation.Draw(Shape, new Dice(11)).Select(x => x == 1 ? 0.9f : x * 12)];

    private static double Difference(
        double[] parameters, ReferenceTransformer reference, double step, Action<double[], double> move)
    {
        double[] above = [.. parameters], below = [.. parameters];
        move(above, step);
        move(below, -step);
        return (reference.Loss(above, Batch) - reference.Loss(below, Batch)) / (2 * step);
    }
}
