using Causerie.Compute.Threading;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Models;
using Causerie.Training.Optimisation;
using Causerie.Training.Recipes;

namespace Causerie.Training;

/// <summary>Trains a model step by step, from the beginning or from a checkpoint.</summary>
public sealed class Trainer
{
    private const int HeldOutBatches = 4;

    private readonly TrainingSet _set;
    private readonly Transformer _model;
    private readonly Optimiser _optimiser;
    private readonly BatchReader _reader;
    private readonly float[] _gradient;
    private readonly List<float> _losses = [];

    private Trainer(TrainingSet set, WorkerPool pool, float[] parameters)
    {
        _set = set;
        _model = new Transformer(set.Recipe.Shape, parameters, pool);
        _optimiser = new Optimiser(_model.Layout, set.Recipe, pool);
        _reader = new BatchReader(set.Documents, set.Recipe.BatchTokens);
        _gradient = new float[parameters.Length];
    }

    /// <summary>The weights, [layout's length] f32.</summary>
    public float[] Parameters => _model.Parameters;

    /// <summary>Steps that were taken.</summary>
    public int Step => _optimiser.Steps;

    /// <summary>[step] nats a learnt token.</summary>
    public IReadOnlyList<float> Losses => _losses;

    /// <summary>Training from its beginning: by chance, or where another model's ended.</summary>
    /// <param name="set">What is learnt.</param>
    /// <param name="pool">The threads.</param>
    public static Trainer Start(TrainingSet set, WorkerPool pool) =>
        new(set, pool, set.Start is { } start ? [.. start.Parameters] : Initialisation.Draw(set.Recipe.Shape, new Dice(set.Recipe.Seed)));

    /// <summary>Training from a checkpoint on.</summary>
    /// <param name="set">What is learnt.</param>
    /// <param name="checkpoint">Where it stood.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="CorpusException">The checkpoint began with another recipe or other data.</exception>
    public static Trainer Resume(TrainingSet set, Checkpoint checkpoint, WorkerPool pool)
    {
        if (checkpoint.Origin != set.Origin)
            throw new CorpusException(
                "The checkpoint began with another recipe or other data; begin anew, or bring those back.");
        var trainer = new Trainer(set, pool, checkpoint.Parameters);
        trainer._optimiser.Steps = checkpoint.Step;
        checkpoint.Mean.CopyTo(trainer._optimiser.Mean, 0);
        checkpoint.Square.CopyTo(trainer._optimiser.Square, 0);
        trainer._reader.Next = checkpoint.NextDocument;
        trainer._losses.AddRange(checkpoint.Losses);
        return trainer;
    }

    /// <summary>One step.</summary>
    public StepReport Advance()
    {
        var recipe = _set.Recipe;
        float rate = _optimiser.Rate;
        Batch[] batches = [.. Enumerable.Range(0, recipe.BatchesOfStep).Select(_ => _reader.Read())];
        int learnt = batches.Sum(batch => batch.Learnt);
        Array.Clear(_gradient);
        double loss = batches.Sum(batch => _model.AddGradient(batch, 1f / Math.Max(1, learnt), _gradient));
        loss /= Math.Max(1, learnt);
        double length = _optimiser.Step(Parameters, _gradient);
        _losses.Add((float)loss);
        return new StepReport(Step, loss, rate, length, batches.Sum(batch => batch.Tokens.Length));
    }

    /// <summary>Nats a learnt token on documents that training does not draw.</summary>
    public double HeldOutLoss()
    {
        var reader = new BatchReader(_set.HeldOut, _set.Recipe.BatchTokens);
        double loss = 0;
        int learnt = 0;
        for (int i = 0; i < HeldOutBatches; i++)
        {
            var batch = reader.Read();
            loss += _model.Loss(batch);
            learnt += batch.Learnt;
        }
        return loss / Math.Max(1, learnt);
    }

    /// <summary>Where training stands.</summary>
    public Checkpoint Save() => new(
        _set.Origin, Step, _reader.Next, [.. _losses], Parameters, _optimiser.Mean, _optimiser.Square);
}

/// <summary>What a step came to.</summary>
/// <param name="Step">Steps that were taken.</param>
/// <param name="Loss">Nats a learnt token, before the step.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="GradientLength">The gradient's length before it was bounded.</param>
/// <param name="Tokens">Tokens that were read.</param>
public sealed record StepReport(int Step, double Loss, float Rate, double GradientLength, int Tokens);
