using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models.Blocks;

/// <summary>Normalised hidden states to logits.</summary>
internal static class OutputHead
{
    /// <summary>Logits = cap(output(H)); nothing where the hidden states alone are wanted.</summary>
    /// <param name="p">Cap.</param>
    /// <param name="w">Output matrix.</param>
    /// <param name="s">H [n, width] in, Logits [n, vocabulary] out.</param>
    /// <param name="n">Rows whose logits are wanted.</param>
    public static void Run(HyperParameters p, Weights w, RunState s, int n)
    {
        if (!s.WantsLogits)
            return;
        var logits = s.Logits.AsSpan(0, n * p.VocabularySize); // [n, vocabulary] f32
        w.Output!.Apply(s.H, n, logits, s.Pool);
        if (p.LogitSoftCap > 0)
            Elementwise.SoftCap(logits, p.LogitSoftCap, s.Pool);
    }
}
