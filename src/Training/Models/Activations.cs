namespace Causerie.Training.Models;

/// <summary>What a forward pass leaves for the backward one, and the room that the latter needs; grows, never shrinks.</summary>
internal sealed class Activations
{
    private readonly TransformerShape _shape;
    private int _tokens;

    public Activations(TransformerShape shape)
    {
        _shape = shape;
        Layers = new LayerActivations[shape.Layers];
    }

    /// <summary>[tokens, width] the residual stream, after the last block when a pass is through.</summary>
    public float[] Stream { get; private set; } = [];

    /// <summary>[tokens, width] its gradient.</summary>
    public float[] StreamGradient { get; private set; } = [];

    /// <summary>[tokens, width].</summary>
    public float[] NormedGradient { get; private set; } = [];

    /// <summary>[tokens, heads, headDim].</summary>
    public float[] QueryGradient { get; private set; } = [];

    /// <summary>[tokens, keyHeads, headDim].</summary>
    public float[] KeyGradient { get; private set; } = [];

    /// <summary>[tokens, keyHeads, headDim].</summary>
    public float[] ValueGradient { get; private set; } = [];

    /// <summary>[tokens, heads, headDim].</summary>
    public float[] AttendedGradient { get; private set; } = [];

    /// <summary>[tokens, feedForward].</summary>
    public float[] HiddenGradient { get; private set; } = [];

    /// <summary>The blocks'.</summary>
    public LayerActivations[] Layers { get; }

    /// <summary>Makes room for a batch.</summary>
    public void Take(int tokens)
    {
        if (tokens <= _tokens)
            return;
        _tokens = tokens;
        var s = _shape;
        Stream = new float[tokens * s.Width];
        StreamGradient = new float[tokens * s.Width];
        NormedGradient = new float[tokens * s.Width];
        QueryGradient = new float[tokens * s.QueryWidth];
        KeyGradient = new float[tokens * s.KeyWidth];
        ValueGradient = new float[tokens * s.KeyWidth];
        AttendedGradient = new float[tokens * s.QueryWidth];
        HiddenGradient = new float[tokens * s.FeedForward];
        for (int l = 0; l < Layers.Length; l++)
            Layers[l] = new LayerActivations(s, tokens);
    }
}

/// <summary>What one block keeps.</summary>
internal sealed class LayerActivations(TransformerShape shape, int tokens)
{
    /// <summary>[tokens, width] the residual stream before attention.</summary>
    public float[] Input { get; } = new float[tokens * shape.Width];

    /// <summary>[tokens, width] the same, normalised.</summary>
    public float[] Normed { get; } = new float[tokens * shape.Width];

    /// <summary>[tokens, heads, headDim], turned.</summary>
    public float[] Query { get; } = new float[tokens * shape.QueryWidth];

    /// <summary>[tokens, keyHeads, headDim], turned.</summary>
    public float[] Key { get; } = new float[tokens * shape.KeyWidth];

    /// <summary>[tokens, keyHeads, headDim].</summary>
    public float[] Value { get; } = new float[tokens * shape.KeyWidth];

    /// <summary>[tokens, heads, headDim] what attention gathered.</summary>
    public float[] Attended { get; } = new float[tokens * shape.QueryWidth];

    /// <summary>[tokens, width] the residual stream before the feed-forward block.</summary>
    public float[] Middle { get; } = new float[tokens * shape.Width];

    /// <summary>[tokens, width] the same, normalised.</summary>
    public float[] FeedNormed { get; } = new float[tokens * shape.Width];

    /// <summary>[tokens, feedForward].</summary>
    public float[] Gate { get; } = new float[tokens * shape.FeedForward];

    /// <summary>[tokens, feedForward].</summary>
    public float[] Up { get; } = new float[tokens * shape.FeedForward];

    /// <summary>[tokens, feedForward] silu(gate) · up.</summary>
    public float[] Hidden { get; } = new float[tokens * shape.FeedForward];
}
