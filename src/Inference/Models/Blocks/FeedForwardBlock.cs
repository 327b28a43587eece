using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models.Blocks;

/// <summary>The feed-forward block: wide, element by element, narrow.</summary>
internal static class FeedForwardBlock
{
    private const float ClampedAlpha = 1.702f;
    private const float ClampedLimit = 7;

    /// <summary>Out = feedForward(H).</summary>
    /// <param name="p">The kind of block.</param>
    /// <param name="w">One layer's weights.</param>
    /// <param name="s">H [n, width] in, Out [n, width] out.</param>
    /// <param name="n">Rows.</param>
    public static void Run(HyperParameters p, FeedForwardWeights w, RunState s, int n) =>
        Run(p.FeedForwardKind, w, s.H, n, s.Out, s);

    /// <summary>y = feedForward(x).</summary>
    /// <param name="kind">What stands between the matrices.</param>
    /// <param name="w">Weights of a dense block or of one expert.</param>
    /// <param name="x">[n, width] f32.</param>
    /// <param name="n">Rows.</param>
    /// <param name="y">[n, width] f32, overwritten.</param>
    /// <param name="s">Room for the wide part.</param>
    public static void Run(
        FeedForwardKind kind, FeedForwardWeights w, ReadOnlySpan<float> x, int n, Span<float> y, RunState s)
    {
        int wide = n * w.Up.Matrix.Rows;
        var up = s.Up.AsSpan(0, wide); // [n, feedForward] f32
        var gate = s.Gate.AsSpan(0, wide); // [n, feedForward] f32
        if (kind == FeedForwardKind.Gelu)
        {
            w.Up.Apply(x, n, up, s.Pool);
            s.Profile?.Mark(StepPart.Products);
            Activation.Gelu(up, s.Pool);
            s.Profile?.Mark(StepPart.Activation);
            w.Down.Apply(up, n, y, s.Pool);
            s.Profile?.Mark(StepPart.Products);
            return;
        }
        Projections.Apply(w.Gate!, gate, w.Up, up, x, n, s.Pool);
        var down = w.Down.Matrix;
        if (kind == FeedForwardKind.SwiGlu)
            GatedProduct.Silu(down, gate, up, n, y, s.Pool);
        else if (kind == FeedForwardKind.GeGlu)
            GatedProduct.Gelu(down, gate, up, n, y, s.Pool);
        else
            GatedProduct.ClampedSwiGlu(down, gate, up, ClampedAlpha, ClampedLimit, n, y, s.Pool);
        w.Down.AddBias(n, y, s.Pool);
        s.Profile?.Mark(StepPart.Products);
    }
}
