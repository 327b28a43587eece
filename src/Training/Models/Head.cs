using Causerie.Compute.Gradients;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Training.Models;

/// <summary>The last norm and the head, over the tokens whose successor is learnt, some at a time.</summary>
internal sealed class Head(TransformerShape shape, WorkerPool pool)
{
    /// <summary>Tokens whose logits are in memory together.</summary>
    private const int ChunkTokens = 512;

    private readonly float[] _input = new float[ChunkTokens * shape.Width]; // [chunk, width]
    private readonly float[] _normed = new float[ChunkTokens * shape.Width];
    private readonly float[] _normedGradient = new float[ChunkTokens * shape.Width];
    private readonly float[] _inputGradient = new float[ChunkTokens * shape.Width];
    private readonly float[] _logits = new float[ChunkTokens * shape.Vocabulary]; // [chunk, vocabulary]
    private readonly float[] _losses = new float[ChunkTokens];
    private readonly int[] _targets = new int[ChunkTokens];
    private readonly int[] _rows = new int[ChunkTokens];

    /// <summary>The sum of losses; where there are gradients, the stream's is written and the others are added to.</summary>
    /// <param name="batch">Documents.</param>
    /// <param name="embedding">[vocabulary, width].</param>
    /// <param name="norm">[width].</param>
    /// <param name="a">The stream after the last block.</param>
    /// <param name="scale">What one token's loss counts for.</param>
    /// <param name="dEmbedding">[vocabulary, width], or empty.</param>
    /// <param name="dNorm">[width], or empty.</param>
    public double Loss(
        Batch batch, ReadOnlySpan<float> embedding, ReadOnlySpan<float> norm, Activations a, float scale,
        Span<float> dEmbedding, Span<float> dNorm)
    {
        int width = shape.Width;
        var dx = a.StreamGradient.AsSpan(0, batch.Tokens.Length * width);
        if (!dEmbedding.IsEmpty)
            dx.Clear();
        double loss = 0;
        for (int from = 0; from < batch.Tokens.Length;)
        {
            int count = Gather(batch, a, ref from);
            if (count == 0)
                break;
            RmsNorm.Apply(_input.AsSpan(0, count * width), norm, shape.Epsilon, _normed, pool);
            var normed = new FloatMatrix(_normed, count, width);
            var logits = _logits.AsSpan(0, count * shape.Vocabulary);
            var weights = new FloatMatrix(embedding, shape.Vocabulary, width);
            Gemm.Multiply(normed, weights.Transposed, logits, shape.Vocabulary, add: false, pool);
            CrossEntropy.Gradient(logits, _targets.AsSpan(0, count), scale, _losses, pool);
            foreach (float one in _losses.AsSpan(0, count))
                loss += one;
            if (dEmbedding.IsEmpty)
                continue;

            var dLogits = new FloatMatrix(logits, count, shape.Vocabulary);
            Gemm.Multiply(dLogits.Transposed, normed, dEmbedding, width, add: true, pool);
            Gemm.Multiply(dLogits, weights, _normedGradient, width, add: false, pool);
            _inputGradient.AsSpan(0, count * width).Clear();
            RmsNormGradient.Add(
                _input.AsSpan(0, count * width), norm, shape.Epsilon, _normedGradient.AsSpan(0, count * width),
                _inputGradient.AsSpan(0, count * width), dNorm, pool);
            for (int i = 0; i < count; i++)
                _inputGradient.AsSpan(i * width, width).CopyTo(dx[(_rows[i] * width)..]);
        }
        return loss;
    }

    /// <summary>Takes the next tokens that count.</summary>
    private int Gather(Batch batch, Activations a, ref int from)
    {
        int count = 0;
        for (; from < batch.Tokens.Length && count < ChunkTokens; from++)
        {
            if (batch.Targets[from] < 0)
                continue;
            _rows[count] = from;
            _targets[count] = batch.Targets[from];
            a.Stream.AsSpan(from * shape.Width, shape.Width).CopyTo(_input.AsSpan(count * shape.Width));
            count++;
        }
        return count;
    }
}
