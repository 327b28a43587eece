using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models;

/// <summary>A loaded model, ready to run: architecture, hyper-parameters and weights, all immutable.</summary>
internal sealed record ForwardPass(Architecture Architecture, HyperParameters Parameters, Weights Weights)
{
    /// <summary>The matrices that products read, to be arranged for them.</summary>
    public IReadOnlyList<WeightMatrix> Multiplied { get; init; } = [];

    /// <summary>All matrices, those that rows are looked up in as well.</summary>
    public IEnumerable<WeightMatrix> Matrices =>
        Weights.PositionEmbedding is { } positions
            ? [Weights.TokenEmbedding, positions, .. Multiplied]
            : [Weights.TokenEmbedding, .. Multiplied];

    public RunState NewState(WorkerPool pool) => new(Parameters, pool);

    /// <summary>Runs <paramref name="batch"/>.</summary>
    /// <returns>[batch.LogitRows, vocabulary] f32, valid until the next call with the same state.</returns>
    public ReadOnlySpan<float> Run(RunState state, Batch batch)
    {
        state.Start(batch);
        Architecture.Forward(Parameters, Weights, state, batch);
        return state.Logits.AsSpan(0, batch.LogitRows.Length * Parameters.VocabularySize);
    }

    /// <summary>Runs <paramref name="batch"/> up to the hidden states that logits are made of.</summary>
    /// <returns>[batch.LogitRows, width] f32, normalised, valid until the next call with the same state.</returns>
    public ReadOnlySpan<float> RunHidden(RunState state, Batch batch)
    {
        state.Start(batch, logits: false);
        Architecture.Forward(Parameters, Weights, state, batch);
        return state.H.AsSpan(0, batch.LogitRows.Length * Parameters.Width);
    }
}
