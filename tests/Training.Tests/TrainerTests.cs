using Causerie.Compute.Threading;
using Causerie.Inference;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Recipes;
using Causerie.Training.Tests.Models;

namespace Causerie.Training.Tests;

public sealed class TrainerTests : IDisposable
{
    private readonly TinyRecipes _recipes = new();

    public void Dispose() => _recipes.Dispose();

    private TrainingSet WithMuon() =>
        TrainingSet.Prepare(_recipes.OfTexts() with { Muon = new Causerie.Training.Optimisation.MuonOptions() }, _ => { });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_recipe_gives_the_same_bits_on_any_number_of_threads(bool muon)
    {
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 4])
        {
            using var pool = new WorkerPool(threads);
            var trainer = Trainer.Start(muon ? WithMuon() : _recipes.Prepare(), pool);
            for (int i = 0; i < 4; i++)
                trainer.Advance();
            first ??= trainer.Parameters;
            Assert.True(first.AsSpan().SequenceEqual(trainer.Parameters), $"{threads} threads");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopped_and_resumed_gives_the_bits_of_training_through(bool muon)
    {
        using var pool = new WorkerPool(2);
        var through = Trainer.Start(muon ? WithMuon() : _recipes.Prepare(), pool);
        var stopped = Trainer.Start(muon ? WithMuon() : _recipes.Prepare(), pool);
        for (int i = 0; i < 3; i++)
        {
            through.Advance();
            stopped.Advance();
        }
        stopped.Save().Write(_recipes.At("half"));
        var resumed = Trainer.Resume(muon ? WithMuon() : _recipes.Prepare(), Checkpoint.Read(_recipes.At("half")), pool);
        Assert.Equal(3, resumed.Step);
        for (int i = 0; i < 3; i++)
            Assert.Equal(through.Advance(), resumed.Advance());
        Assert.True(through.Parameters.AsSpan().SequenceEqual(resumed.Parameters));
        Assert.Equal(through.Losses, resumed.Losses);
        Assert.Equal(through.HeldOutLoss(), resumed.HeldOutLoss());
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_is_refused()
    {
        using var pool = new WorkerPool(1);
        var checkpoint = Trainer.Start(_recipes.Prepare(steps: 5), pool).Save();
        var refused = Assert.Throws<CorpusException>(() => Trainer.Resume(_recipes.Prepare(steps: 6), checkpoint, pool));
        Assert.Contains("another recipe", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.02f)]
    public void The_loss_falls_and_the_file_answers_like_the_model_that_was_trained(float? muon)
    {
        using var pool = new WorkerPool(2);
        var recipe = _recipes.OfTexts(steps: 120) with { Rate = 0.01f };
        if (muon is { } rate)
            recipe = recipe with { Muon = new Causerie.Training.Optimisation.MuonOptions { Rate = rate } };
        var set = TrainingSet.Prepare(recipe, _ => { });
        var trainer = Trainer.Start(set, pool);
        while (trainer.Step < set.Recipe.Steps)
            trainer.Advance();
        Assert.True(trainer.Losses[^1] < trainer.Losses[0] / 2, $"{trainer.Losses[0]} to {trainer.Losses[^1]}");

        string path = _recipes.At("tiny.gguf");
        ModelExport.Write(path, set.Recipe, set.Vocabulary, set.Template, trainer.Parameters);
        using var model = LoadedModel.Load(path, new LoadOptions());
        int[] ids = model.Tokenizer.Encode("The quick brown renard");
        double[][] expected = new ReferenceTransformer(set.Recipe.Shape).Logits([.. trainer.Parameters], ids);
        model.Logits(ids, (position, logits) =>
        {
            for (int i = 0; i < logits.Length; i++)
                Assert.Equal(expected[position][i], logits[i], 2e-3);
        }, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_curve_is_a_picture_of_every_length()
    {
        Assert.StartsWith("<svg", LossCurve.Svg("none", []), StringComparison.Ordinal);
        foreach (int count in (int[])[1, 2, 5000])
        {
            string svg = LossCurve.Svg("a < b", [.. Enumerable.Range(0, count).Select(i => 8f / (i + 1))]);
            System.Xml.Linq.XDocument.Parse(svg);
            Assert.Contains("a &lt; b", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        }
    }
}
