using Causerie.Compute.Kernels;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Models.Blocks;

/// <summary>Hidden states to logits, for the rows that asked for them alone.</summary>
internal static class OutputHead
{
    /// <summary>Logits = cap(output(norm(x))).</summary>
    /// <param name="p">Width, ε, cap.</param>
    /// <param name="w">Norm and output matrix.</param>
    /// <param name="s">X [n, width] in, Logits [rows, vocabulary] out; H is overwritten.</param>
    /// <param name="batch">The rows.</param>
    public static void Run(HyperParameters p, Weights w, RunState s, Batch batch)
    {
        int m = batch.LogitRows.Length;
        if (m == 0)
            return;
        var h = s.H.AsSpan(0, m * p.Width); // [m, width] f32
        for (int i = 0; i < m; i++)
            s.X.AsSpan(batch.LogitRows[i] * p.Width, p.Width).CopyTo(h.Slice(i * p.Width, p.Width));
        w.OutputNorm.Apply(h, p.Epsilon, h);
        var logits = s.Logits.AsSpan(0, m * p.VocabularySize); // [m, vocabulary] f32
        w.Output.Apply(h, m, logits, s.Pool);
        if (p.LogitSoftCap > 0)
            Elementwise.SoftCap(logits, p.LogitSoftCap);
    }
}
