using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models;

/// <summary>The buffers of a forward pass, grown to the largest batch seen and used again.</summary>
/// <remarks>Their size is bounded by the scheduler's batch, never by the context.</remarks>
internal sealed class RunState(HyperParameters p, WorkerPool pool)
{
    private readonly List<RopeTurns> _turns = [];
    private int _rows;

    public WorkerPool Pool { get; } = pool;

    /// <summary>Measures the parts of a pass; null where nobody asks.</summary>
    public StepProfile? Profile { get; set; }

    /// <summary>Hidden states, the residual stream: [n, width] f32.</summary>
    public float[] X { get; private set; } = [];

    /// <summary>Normalised hidden states, input of a block: [n, width] f32.</summary>
    public float[] H { get; private set; } = [];

    /// <summary>Output of a block: [n, width] f32.</summary>
    public float[] Out { get; private set; } = [];

    /// <summary>Queries: [n, heads, headDim] f32.</summary>
    public float[] Q { get; private set; } = [];

    /// <summary>New keys: [n, kvHeads, headDim] f32.</summary>
    public float[] K { get; private set; } = [];

    /// <summary>New values: [n, kvHeads, valueDim] f32.</summary>
    public float[] V { get; private set; } = [];

    /// <summary>What attention gathered: [n, heads, valueDim] f32.</summary>
    public float[] Attended { get; private set; } = [];

    /// <summary>Inside the feed-forward block: [n, feedForward] f32.</summary>
    public float[] Gate { get; private set; } = [];

    /// <summary>Inside the feed-forward block: [n, feedForward] f32.</summary>
    public float[] Up { get; private set; } = [];

    /// <summary>Router logits, then weights: [n, experts] f32.</summary>
    public float[] Routing { get; private set; } = [];

    /// <summary>Chosen experts: [n, used].</summary>
    public int[] Chosen { get; private set; } = [];

    /// <summary>The tokens of one expert: [n, width] f32.</summary>
    public float[] ExpertIn { get; private set; } = [];

    /// <summary>What one expert made of them: [n, width] f32.</summary>
    public float[] ExpertOut { get; private set; } = [];

    /// <summary>The rows of one expert: [n].</summary>
    public int[] ExpertRows { get; private set; } = [];

    /// <summary>Logits of the rows that asked for them: [rows, vocabulary] f32.</summary>
    public float[] Logits { get; private set; } = [];

    /// <summary>Whether the pass goes on from hidden states to logits.</summary>
    public bool WantsLogits { get; private set; }

    /// <summary>Makes room for a batch, and forgets the last one.</summary>
    /// <param name="batch">What is to be computed.</param>
    /// <param name="logits">Whether logits are wanted; else H keeps the normalised hidden states.</param>
    public void Start(Batch batch, bool logits = true)
    {
        WantsLogits = logits;
        // The guesses of those who write come and go: there is always room for them.
        int rows = Math.Max(batch.Count, Drafting.Rows), logitRows = Math.Max(batch.LogitRows.Length, Drafting.Rows);
        foreach (var turns in _turns)
            turns.Keep([]);
        if (logits && Logits.Length < (long)logitRows * p.VocabularySize)
            Logits = Buffer(logitRows, p.VocabularySize);
        if (rows <= _rows)
            return;
        int feedForward = Math.Max(p.FeedForward, p.Experts?.FeedForward ?? 0);
        X = Buffer(rows, p.Width);
        H = Buffer(rows, p.Width);
        Out = Buffer(rows, p.Width);
        Q = Buffer(rows, p.Heads * p.HeadDim);
        K = Buffer(rows, p.KeyWidth);
        V = Buffer(rows, p.ValueWidth);
        Attended = Buffer(rows, p.Heads * p.ValueDim);
        Gate = Buffer(rows, feedForward);
        Up = Buffer(rows, feedForward);
        if (p.Experts is { } experts)
        {
            Routing = Buffer(rows, experts.Count);
            Chosen = new int[rows * experts.Used];
            ExpertIn = Buffer(rows, p.Width);
            ExpertOut = Buffer(rows, p.Width);
            ExpertRows = new int[rows];
        }
        _rows = rows;
    }

    /// <summary>The angles of the batch's positions, worked out once a pass for each rotation.</summary>
    public RopeTurns Turns(Rope rope, Batch batch)
    {
        foreach (var known in _turns)
        {
            if (known.Rope != rope)
                continue;
            if (known.Count == 0)
                known.Take(batch.Positions);
            return known;
        }
        var turns = new RopeTurns(rope);
        turns.Take(batch.Positions);
        _turns.Add(turns);
        return turns;
    }

    /// <summary>X and H keep the rows whose logits are wanted alone; they move to the front.</summary>
    /// <returns>How many they are.</returns>
    public int KeepLogitRows(Batch batch)
    {
        var rows = batch.LogitRows;
        if (rows.Length == batch.Count)
            return batch.Count;
        for (int i = 0; i < rows.Length; i++)
        {
            X.AsSpan(rows[i] * p.Width, p.Width).CopyTo(X.AsSpan(i * p.Width));
            H.AsSpan(rows[i] * p.Width, p.Width).CopyTo(H.AsSpan(i * p.Width));
        }
        foreach (var turns in _turns)
            if (turns.Count > 0)
                turns.Keep(rows);
        return rows.Length;
    }

    private static float[] Buffer(int rows, int columns) =>
        GC.AllocateUninitializedArray<float>(checked(rows * columns));
}
