using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Rotary position embedding (Su et al., 2021), in the two pairings that GGUF models use.</summary>
public sealed class Rope
{
    private readonly float[] _inverseFrequencies; // [dimensions / 2], radians per position
    private readonly float _magnitude;
    private readonly RopePairing _pairing;

    /// <summary>A rotation with one angle per pair.</summary>
    /// <param name="inverseFrequencies">[dimensions / 2] radians per position, scaling already applied.</param>
    /// <param name="pairing">Which elements form a pair.</param>
    /// <param name="magnitude">Multiplies the rotated elements (YaRN's attention factor); usually 1.</param>
    public Rope(ReadOnlySpan<float> inverseFrequencies, RopePairing pairing, float magnitude = 1)
    {
        _inverseFrequencies = inverseFrequencies.ToArray();
        _pairing = pairing;
        _magnitude = magnitude;
    }

    /// <summary>Elements of a head that turn.</summary>
    internal int Dimensions => 2 * _inverseFrequencies.Length;

    /// <summary>Rotates the first <see cref="Dimensions"/> elements of each head, in place; the rest stay.</summary>
    /// <param name="x">[turns.Count, heads, headDim] f32.</param>
    /// <param name="heads">Heads of each position.</param>
    /// <param name="headDim">Elements of each head.</param>
    /// <param name="turns">The positions, with their angles.</param>
    /// <param name="pool">Threads for many positions, or null.</param>
    /// <exception cref="ArgumentException">
    /// The head is shorter than the rotation, x than the positions need, or the angles are another rotation's.
    /// </exception>
    public void Apply(Span<float> x, int heads, int headDim, RopeTurns turns, WorkerPool? pool = null)
    {
        if (turns.Rope != this)
            throw new ArgumentException("The angles are those of another rotation.", nameof(turns));
        if (headDim < Dimensions)
            throw new ArgumentException($"A head of {headDim} cannot turn {Dimensions} elements.", nameof(headDim));
        if (x.Length < (long)turns.Count * heads * headDim)
            throw new ArgumentException($"x holds {x.Length} elements, too few for the positions.", nameof(x));
        var work = new Work(this, x, heads, headDim, turns);
        RowShare.Run(ref work, turns.Count, heads * headDim, pool);
    }

    /// <summary>magnitude · cos and magnitude · sin of every pair's angle at <paramref name="position"/>.</summary>
    /// <param name="position">The position.</param>
    /// <param name="cos">[pairs, rounded up to a multiple of 8] f32.</param>
    /// <param name="sin">[the same] f32.</param>
    internal void Angles(int position, Span<float> cos, Span<float> sin)
    {
        for (int i = 0; i < _inverseFrequencies.Length; i++)
        {
            var (s, c) = Trigonometry.SinCos(position * _inverseFrequencies[i]);
            cos[i] = c * _magnitude;
            sin[i] = s * _magnitude;
        }

        // Pairs that only fill a vector turn by nothing.
        cos[_inverseFrequencies.Length..].Fill(_magnitude);
        sin[_inverseFrequencies.Length..].Clear();
    }

    private static void TurnHalves(
        Span<float> first, Span<float> second, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int i = 0;
        for (; i + 8 <= first.Length; i += 8)
        {
            var a = Vector256.Create<float>(first[i..]);
            var b = Vector256.Create<float>(second[i..]);
            var c = Vector256.Create(cos[i..]);
            var s = Vector256.Create(sin[i..]);
            ((a * c) - (b * s)).CopyTo(first[i..]);
            ((a * s) + (b * c)).CopyTo(second[i..]);
        }

        for (; i < first.Length; i++)
            (first[i], second[i]) = (
                (first[i] * cos[i]) - (second[i] * sin[i]), (first[i] * sin[i]) + (second[i] * cos[i]));
    }

    private static void TurnAdjacent(Span<float> head, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        int i = 0;
        for (; i + 4 <= cos.Length; i += 4)
        {
            // (a, b) · c + (b, a) · (−s, s), the four angles spread over eight elements.
            var pair = Vector256.Create<float>(head[(2 * i)..]);
            var swapped = Vector256.Shuffle(pair, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            var c = Spread(cos[i..]);
            var s = Spread(sin[i..]) ^ Vector256.Create(-0f, 0, -0f, 0, -0f, 0, -0f, 0);
            ((pair * c) + (swapped * s)).CopyTo(head[(2 * i)..]);
        }

        for (; i < cos.Length; i++)
        {
            var (a, b) = (head[2 * i], head[(2 * i) + 1]);
            head[2 * i] = (a * cos[i]) - (b * sin[i]);
            head[(2 * i) + 1] = (a * sin[i]) + (b * cos[i]);
        }
    }

    private readonly ref struct Work(Rope rope, Span<float> x, int heads, int headDim, RopeTurns turns) : IChunkedWork
    {
        private readonly Span<float> _x = x; // [count, heads, headDim]

        public void Run(int chunk, int worker)
        {
            int width = heads * headDim;
            int pairs = rope._inverseFrequencies.Length;
            var part = RowShare.Of(chunk, width, turns.Count * width);
            for (int start = part.Start.Value; start < part.End.Value; start += headDim)
            {
                turns.At(start / width, out var cos, out var sin);
                var head = _x.Slice(start, 2 * pairs);
                if (rope._pairing == RopePairing.Adjacent)
                    TurnAdjacent(head, cos, sin);
                else
                    TurnHalves(head[..pairs], head[pairs..], cos, sin);
            }
        }
    }

    private static Vector256<float> Spread(ReadOnlySpan<float> four) =>
        Vector256.Shuffle(Vector128.Create(four).ToVector256(), Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3));
}

/// <summary>Which elements of a head turn together.</summary>
public enum RopePairing
{
    /// <summary>(0, 1), (2, 3) …: Llama files.</summary>
    Adjacent,

    /// <summary>(0, d/2), (1, d/2 + 1) …: GPT-NeoX, and most others.</summary>
    Halves,
}
