using Causerie.Compute.Gradients;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;
using Causerie.Inference.Models;

namespace Causerie.Training.Models;

/// <summary>A decoder of Llama's family that learns: the forward pass, and the gradient of its loss.</summary>
/// <remarks>
/// Everything is f32 and has one order of sums, so that a gradient is the same bit for bit on any number of threads.
/// </remarks>
public sealed class Transformer
{
    private readonly WorkerPool _pool;
    private readonly RopeTurns _turns;
    private readonly RopeTurns _turnsBack;
    private readonly CausalAttention _attention;
    private readonly Activations _a;
    private readonly Head _head;

    /// <summary>A model over parameters that its owner changes.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="parameters">[layout's length] f32.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The sizes cannot be, or the parameters are not as many.</exception>
    public Transformer(TransformerShape shape, float[] parameters, WorkerPool pool)
    {
        shape.Check();
        Shape = shape;
        Layout = new ParameterLayout(shape);
        if (parameters.Length != Layout.Length)
            throw new ArgumentException($"The model has {Layout.Length} parameters, not {parameters.Length}.");
        Parameters = parameters;
        _pool = pool;
        var rope = new RopeParameters(shape.HeadDim, shape.RopeBase).Build(RopePairing.Adjacent, []);
        _turns = new RopeTurns(rope);
        _turnsBack = new RopeTurns(rope);
        _attention = new CausalAttention(shape.Heads, shape.KeyHeads, shape.HeadDim);
        _a = new Activations(shape);
        _head = new Head(shape, pool);
    }

    /// <summary>Sizes.</summary>
    public TransformerShape Shape { get; }

    /// <summary>Where each parameter lies.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>[layout's length] f32.</summary>
    public float[] Parameters { get; }

    /// <summary>The sum of a batch's losses, in nats.</summary>
    public double Loss(Batch batch)
    {
        Forward(batch);
        return _head.Loss(batch, Embedding, Norm, _a, scale: 0, [], []);
    }

    /// <summary>Adds scale times the gradient of the sum of a batch's losses; returns that sum, in nats.</summary>
    /// <param name="batch">Documents.</param>
    /// <param name="scale">What one token's loss counts for.</param>
    /// <param name="gradient">[layout's length] f32.</param>
    public double AddGradient(Batch batch, float scale, float[] gradient)
    {
        Forward(batch);
        double loss = _head.Loss(
            batch, Embedding, Norm, _a, scale, Layout.Embedding.Of(gradient), Layout.Norm.Of(gradient));
        Backward(batch, gradient);
        return loss;
    }

    private Span<float> Embedding => Layout.Embedding.Of(Parameters);

    private Span<float> Norm => Layout.Norm.Of(Parameters);

    private void Forward(Batch batch)
    {
        var s = Shape;
        int n = batch.Tokens.Length;
        _a.Take(n);
        Turn(batch);
        for (int t = 0; t < n; t++)
            Embedding.Slice(batch.Tokens[t] * s.Width, s.Width).CopyTo(_a.Stream.AsSpan(t * s.Width));
        var x = _a.Stream.AsSpan(0, n * s.Width);
        for (int l = 0; l < s.Layers; l++)
        {
            var p = Layout.Layers[l];
            var a = _a.Layers[l];
            x.CopyTo(a.Input);
            RmsNorm.Apply(x, Weight(p.AttentionNorm), s.Epsilon, a.Normed, _pool);
            Product(a.Normed, p.Query, a.Query, n);
            Product(a.Normed, p.Key, a.Key, n);
            Product(a.Normed, p.Value, a.Value, n);
            _turns.Rope.Apply(a.Query.AsSpan(0, n * s.QueryWidth), s.Heads, s.HeadDim, _turns, _pool);
            _turns.Rope.Apply(a.Key.AsSpan(0, n * s.KeyWidth), s.KeyHeads, s.HeadDim, _turns, _pool);
            _attention.Forward(
                batch.Starts, a.Query.AsSpan(0, n * s.QueryWidth), a.Key.AsSpan(0, n * s.KeyWidth),
                a.Value.AsSpan(0, n * s.KeyWidth), a.Attended.AsSpan(0, n * s.QueryWidth), _pool);
            Product(a.Attended, p.Output, x, n, add: true);

            x.CopyTo(a.Middle);
            RmsNorm.Apply(x, Weight(p.FeedForwardNorm), s.Epsilon, a.FeedNormed, _pool);
            Product(a.FeedNormed, p.Gate, a.Gate, n);
            Product(a.FeedNormed, p.Up, a.Up, n);
            a.Gate.AsSpan(0, n * s.FeedForward).CopyTo(a.Hidden);
            Elementwise.SiluMultiply(a.Hidden.AsSpan(0, n * s.FeedForward), a.Up, _pool);
            Product(a.Hidden, p.Down, x, n, add: true);
        }
    }

    /// <summary>From the gradient of the last residual stream, which the head left, down to the embedding.</summary>
    private void Backward(Batch batch, float[] gradient)
    {
        var s = Shape;
        int n = batch.Tokens.Length;
        var dx = _a.StreamGradient.AsSpan(0, n * s.Width);
        var dNormed = _a.NormedGradient.AsSpan(0, n * s.Width);
        var dq = _a.QueryGradient.AsSpan(0, n * s.QueryWidth);
        var dk = _a.KeyGradient.AsSpan(0, n * s.KeyWidth);
        var dv = _a.ValueGradient.AsSpan(0, n * s.KeyWidth);
        var dAttended = _a.AttendedGradient.AsSpan(0, n * s.QueryWidth);
        var dHidden = _a.HiddenGradient.AsSpan(0, n * s.FeedForward);
        for (int l = s.Layers - 1; l >= 0; l--)
        {
            var p = Layout.Layers[l];
            var a = _a.Layers[l];
            var gate = a.Gate.AsSpan(0, n * s.FeedForward);
            var up = a.Up.AsSpan(0, n * s.FeedForward);
            Back(dx, p.Down, a.Hidden, dHidden, add: false, gradient, n);
            SwiGluGradient.Apply(gate, up, dHidden, _pool);
            Back(gate, p.Gate, a.FeedNormed, dNormed, add: false, gradient, n);
            Back(up, p.Up, a.FeedNormed, dNormed, add: true, gradient, n);
            RmsNormGradient.Add(
                a.Middle.AsSpan(0, n * s.Width), Weight(p.FeedForwardNorm), s.Epsilon, dNormed, dx,
                p.FeedForwardNorm.Of(gradient), _pool);

            Back(dx, p.Output, a.Attended, dAttended, add: false, gradient, n);
            _attention.Backward(
                batch.Starts, a.Query.AsSpan(0, n * s.QueryWidth), a.Key.AsSpan(0, n * s.KeyWidth),
                a.Value.AsSpan(0, n * s.KeyWidth), dAttended, dq, dk, dv, _pool);
            _turnsBack.Rope.Apply(dq, s.Heads, s.HeadDim, _turnsBack, _pool);
            _turnsBack.Rope.Apply(dk, s.KeyHeads, s.HeadDim, _turnsBack, _pool);
            Back(dq, p.Query, a.Normed, dNormed, add: false, gradient, n);
            Back(dk, p.Key, a.Normed, dNormed, add: true, gradient, n);
            Back(dv, p.Value, a.Normed, dNormed, add: true, gradient, n);
            RmsNormGradient.Add(
                a.Input.AsSpan(0, n * s.Width), Weight(p.AttentionNorm), s.Epsilon, dNormed, dx,
                p.AttentionNorm.Of(gradient), _pool);
        }
        var embedding = Layout.Embedding.Of(gradient);
        for (int t = 0; t < n; t++)
            Elementwise.Add(embedding.Slice(batch.Tokens[t] * s.Width, s.Width), dx.Slice(t * s.Width, s.Width));
    }

    /// <summary>y = x · wᵀ, or y += x · wᵀ.</summary>
    private void Product(float[] x, Parameter w, Span<float> y, int n, bool add = false) =>
        Gemm.Multiply(
            new FloatMatrix(x, n, w.Columns), new FloatMatrix(Weight(w), w.Rows, w.Columns).Transposed, y, w.Rows, add,
            _pool);

    /// <summary>dx = dy · w, or dx += dy · w; and dw += dyᵀ · x.</summary>
    private void Back(
        ReadOnlySpan<float> dy, Parameter w, float[] x, Span<float> dx, bool add, float[] gradient, int n)
    {
        var slope = new FloatMatrix(dy, n, w.Rows);
        Gemm.Multiply(slope, new FloatMatrix(Weight(w), w.Rows, w.Columns), dx, w.Columns, add, _pool);
        Gemm.Multiply(
            slope.Transposed, new FloatMatrix(x, n, w.Columns), w.Of(gradient), w.Columns, add: true, _pool);
    }

    private Span<float> Weight(Parameter parameter) => parameter.Of(Parameters);

    private void Turn(Batch batch)
    {
        var positions = new int[batch.Tokens.Length];
        for (int d = 0; d + 1 < batch.Starts.Length; d++)
        {
            for (int t = batch.Starts[d]; t < batch.Starts[d + 1]; t++)
                positions[t] = t - batch.Starts[d];
        }
        _turns.Take(positions);
        for (int t = 0; t < positions.Length; t++)
            positions[t] = -positions[t];
        _turnsBack.Take(positions);
    }
}
