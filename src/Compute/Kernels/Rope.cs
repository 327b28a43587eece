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

    /// <summary>Rotates the first <c>2 · pairs</c> elements of each head, in place; the rest stay.</summary>
    /// <param name="x">[count, heads, headDim] f32.</param>
    /// <param name="heads">Heads of each position.</param>
    /// <param name="headDim">Elements of each head.</param>
    /// <param name="positions">[count].</param>
    public void Apply(Span<float> x, int heads, int headDim, ReadOnlySpan<int> positions)
    {
        int pairs = _inverseFrequencies.Length;
        for (int t = 0; t < positions.Length; t++)
        {
            for (int i = 0; i < pairs; i++)
            {
                var (sin, cos) = MathF.SinCos(positions[t] * _inverseFrequencies[i]);
                (sin, cos) = (sin * _magnitude, cos * _magnitude);
                for (int h = 0; h < heads; h++)
                {
                    var head = x.Slice(((t * heads) + h) * headDim, headDim);
                    int a = _pairing == RopePairing.Adjacent ? 2 * i : i;
                    int b = _pairing == RopePairing.Adjacent ? a + 1 : i + pairs;
                    (head[a], head[b]) = ((head[a] * cos) - (head[b] * sin), (head[a] * sin) + (head[b] * cos));
                }
            }
        }
    }
}

/// <summary>Which elements of a head turn together.</summary>
public enum RopePairing
{
    /// <summary>(0, 1), (2, 3) …: Llama files.</summary>
    Adjacent,

    /// <summary>(0, d/2), (1, d/2 + 1) …: GPT-NeoX, and most others.</summary>
    Halves,
}
