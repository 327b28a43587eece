using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models.Blocks;

/// <summary>A mixture of experts: each token goes to a few feed-forward blocks, whose outputs are weighed.</summary>
internal static class ExpertBlock
{
    /// <summary>Out = Σ weight · expert(H) over the experts that the router chose for each token.</summary>
    /// <remarks>
    /// Tokens are grouped by expert, so that an expert's weights are read once a batch. The experts of a token are added
    /// in the order of their numbers, whoever else is in the batch: the sum is the same bit for bit.
    /// </remarks>
    /// <param name="p">Numbers of experts.</param>
    /// <param name="w">One layer's router and experts.</param>
    /// <param name="s">H [n, width] in, Out [n, width] out.</param>
    /// <param name="n">Rows.</param>
    public static void Run(HyperParameters p, ExpertWeights w, RunState s, int n)
    {
        var experts = p.Experts!;
        Route(experts, w, s, n);
        s.Out.AsSpan(0, n * p.Width).Clear();
        for (int e = 0; e < experts.Count; e++)
        {
            int m = Gather(p, experts, s, n, e);
            if (m == 0)
                continue;
            FeedForwardBlock.Run(p.FeedForwardKind, w.Experts[e], s.ExpertIn, m, s.ExpertOut, s);
            for (int i = 0; i < m; i++)
            {
                int row = s.ExpertRows[i];
                var output = s.ExpertOut.AsSpan(i * p.Width, p.Width);
                Elementwise.Scale(output, s.Routing[(row * experts.Count) + e]);
                Elementwise.Add(s.Out.AsSpan(row * p.Width, p.Width), output);
            }
        }
    }

    /// <summary>Routing [n, experts] = the weight of each chosen expert, 0 for the others.</summary>
    private static void Route(ExpertParameters experts, ExpertWeights w, RunState s, int n)
    {
        w.Router.Apply(s.H, n, s.Routing, s.Pool);
        for (int t = 0; t < n; t++)
        {
            var row = s.Routing.AsSpan(t * experts.Count, experts.Count); // [experts] f32 logits
            var chosen = s.Chosen.AsSpan(t * experts.Used, experts.Used);
            Choose(row, chosen);
            if (experts.Gating == ExpertGating.SoftmaxThenTop)
            {
                Elementwise.Softmax(row);
                KeepOnly(row, chosen, 0);
                float sum = 0;
                foreach (int e in chosen)
                    sum += row[e];
                Elementwise.Scale(row, 1 / Math.Max(sum, float.Epsilon));
            }
            else
            {
                KeepOnly(row, chosen, float.NegativeInfinity);
                Elementwise.Softmax(row);
            }
        }
    }

    /// <summary>The experts with the largest logits, the lower number first among equals, in ascending order.</summary>
    private static void Choose(ReadOnlySpan<float> logits, Span<int> chosen)
    {
        for (int i = 0; i < chosen.Length; i++)
        {
            int best = -1;
            for (int e = 0; e < logits.Length; e++)
                if (!chosen[..i].Contains(e) && (best < 0 || logits[e] > logits[best]))
                    best = e;
            chosen[i] = best;
        }
        chosen.Sort();
    }

    private static void KeepOnly(Span<float> row, ReadOnlySpan<int> chosen, float others)
    {
        for (int e = 0; e < row.Length; e++)
            if (!chosen.Contains(e))
                row[e] = others;
    }

    /// <summary>ExpertIn [m, width] = the rows of H that go to expert <paramref name="e"/>; returns m.</summary>
    private static int Gather(HyperParameters p, ExpertParameters experts, RunState s, int n, int e)
    {
        int m = 0;
        for (int t = 0; t < n; t++)
        {
            if (!s.Chosen.AsSpan(t * experts.Used, experts.Used).Contains(e))
                continue;
            s.H.AsSpan(t * p.Width, p.Width).CopyTo(s.ExpertIn.AsSpan(m * p.Width));
            s.ExpertRows[m++] = t;
        }
        return m;
    }
}
