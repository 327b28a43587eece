using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Gradients;

/// <summary>The loss of a language model and its gradient: −log of the probability of the token that came.</summary>
public static class CrossEntropy
{
    /// <summary>Logits become (softmax(logits) − target) · scale; each row's loss is written beside.</summary>
    /// <param name="logits">[n, vocabulary] f32, overwritten with their gradient.</param>
    /// <param name="targets">[n] ids.</param>
    /// <param name="scale">What one row's loss counts for in the whole.</param>
    /// <param name="losses">[n] f32, natural logarithms.</param>
    /// <param name="pool">The threads.</param>
    /// <exception cref="ArgumentException">The spans do not fit, or a target is outside the vocabulary.</exception>
    public static void Gradient(
        Span<float> logits, ReadOnlySpan<int> targets, float scale, Span<float> losses, WorkerPool pool)
    {
        if (targets.IsEmpty)
            return;
        int vocabulary = logits.Length / targets.Length;
        if (vocabulary * targets.Length != logits.Length || losses.Length < targets.Length)
            throw new ArgumentException($"{logits.Length} logits are not rows for {targets.Length} targets.");
        foreach (int target in targets)
        {
            if ((uint)target >= (uint)vocabulary)
                throw new ArgumentException($"Target {target} is outside a vocabulary of {vocabulary}.", nameof(targets));
        }
        var work = new Work(logits, targets, scale, losses);
        RowShare.Run(ref work, targets.Length, vocabulary, pool);
    }

    private readonly ref struct Work(
        Span<float> logits, ReadOnlySpan<int> targets, float scale, Span<float> losses) : IChunkedWork
    {
        private readonly Span<float> _logits = logits;
        private readonly ReadOnlySpan<int> _targets = targets;
        private readonly Span<float> _losses = losses;

        public void Run(int chunk, int worker)
        {
            int vocabulary = _logits.Length / _targets.Length;
            int ofChunk = RowShare.RowsOfChunk(vocabulary);
            int last = Math.Min(_targets.Length, (chunk + 1) * ofChunk);
            for (int row = chunk * ofChunk; row < last; row++)
                _losses[row] = Row(_logits.Slice(row * vocabulary, vocabulary), _targets[row], scale);
        }

        private static float Row(Span<float> logits, int target, float scale)
        {
            ref float first = ref MemoryMarshal.GetReference(logits);
            float wanted = logits[target];
            float max = float.NegativeInfinity;
            foreach (float logit in logits)
                max = Math.Max(max, logit);
            var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
            int i = 0;
            for (; i + 8 <= logits.Length; i += 8)
            {
                var e = VectorMath.Exp(Vector256.LoadUnsafe(ref first, (nuint)i) - Vector256.Create(max));
                e.StoreUnsafe(ref first, (nuint)i);
                low += Vector256.WidenLower(e);
                high += Vector256.WidenUpper(e);
            }
            double sum = Vector256.Sum(low + high);
            for (; i < logits.Length; i++)
            {
                logits[i] = VectorMath.Exp(Vector256.Create(logits[i] - max))[0];
                sum += logits[i];
            }
            Elementwise.Scale(logits, (float)(scale / sum));
            logits[target] -= scale;
            return (float)(Logarithm.Of(sum) - (wanted - max));
        }
    }
}
