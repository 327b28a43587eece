using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Rotary position embedding with the context extension that a model asks for.</summary>
/// <param name="Dimensions">Elements of a head that turn; even.</param>
/// <param name="Base">θ, the base of the geometric series of wavelengths.</param>
public sealed record RopeParameters(int Dimensions, float Base)
{
    /// <summary>Position interpolation (Chen et al., 2023): angles are divided by it; 1 is off.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>YaRN's parameters, or null for plain interpolation.</summary>
    public YarnParameters? Yarn { get; init; }

    /// <summary>Multiplies the turned elements beside what YaRN asks for.</summary>
    public float Magnitude { get; init; } = 1;

    /// <summary>The context before its extension, in tokens.</summary>
    public int OriginalContext { get; init; }

    /// <summary>The rotation, one angle per pair.</summary>
    /// <param name="pairing">Which elements form a pair.</param>
    /// <param name="divisors">[dimensions / 2] the frequencies are divided by these (Llama 3, LongRoPE), or empty.</param>
    public Rope Build(RopePairing pairing, ReadOnlySpan<float> divisors)
    {
        var frequencies = new float[Dimensions / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(Base, -2.0 * i / Dimensions) / (divisors.IsEmpty ? 1 : divisors[i]);
            double kept = Yarn?.Kept(i, Dimensions, Base, OriginalContext) ?? 0;
            frequencies[i] = (float)(frequency * (((1 - kept) / Factor) + kept));
        }
        double magnitude = Magnitude;
        if (Yarn is not null)
            magnitude *= Yarn.Magnitude * (1 + (0.1 * Math.Log(Factor)));
        return new Rope(frequencies, pairing, (float)magnitude);
    }
}

/// <summary>YaRN (Peng et al., 2023): high frequencies are kept, low ones interpolated, with a ramp between.</summary>
/// <param name="ExtrapolationMix">How much of the ramp applies, 0 to 1.</param>
/// <param name="Magnitude">Multiplies the paper's attention factor 1 + 0.1 · ln(factor).</param>
/// <param name="BetaFast">Turns over the original context above which a frequency is kept.</param>
/// <param name="BetaSlow">Turns below which a frequency is interpolated.</param>
public sealed record YarnParameters(
    float ExtrapolationMix = 1, float Magnitude = 1, float BetaFast = 32, float BetaSlow = 1)
{
    /// <summary>The share of pair <paramref name="pair"/>'s own frequency that is kept, 0 to 1.</summary>
    internal double Kept(int pair, int dimensions, float @base, int originalContext)
    {
        // The ramp's ends are whole pairs, as in the paper's code; gpt-oss was published with fractional ends, but
        // its GGUF files are made for, and compared with, whole ones.
        double low = Math.Max(0, Math.Floor(PairTurning(BetaFast, dimensions, @base, originalContext)));
        double high = Math.Min(
            dimensions - 1, Math.Ceiling(PairTurning(BetaSlow, dimensions, @base, originalContext)));
        double ramp = Math.Clamp((pair - low) / Math.Max(0.001, high - low), 0, 1);
        return (1 - ramp) * ExtrapolationMix;
    }

    /// <summary>The pair that makes <paramref name="turns"/> full turns over the original context.</summary>
    private static double PairTurning(float turns, int dimensions, float @base, int originalContext) =>
        dimensions * Math.Log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(@base));
}
