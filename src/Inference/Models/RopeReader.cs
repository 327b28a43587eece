using Causerie.Compute.Kernels;

namespace Causerie.Inference.Models;

/// <summary>Reads what a model file says of its rotary position embedding and the extension of its context.</summary>
internal static class RopeReader
{
    /// <summary>The rotation of the layers that see the whole context.</summary>
    /// <param name="keys">The file's metadata.</param>
    /// <param name="p">The head's size and the trained context.</param>
    public static RopeParameters Read(HyperParameterReader keys, HyperParameters p)
    {
        int dimensions = keys.OptionalInteger("rope.dimension_count", 2, p.HeadDim) ?? p.HeadDim;
        if (dimensions % 2 != 0)
            throw keys.Fault("rope.dimension_count", $"is {dimensions}; elements turn in pairs, so it must be even.");
        var plain = new RopeParameters(dimensions, keys.OptionalReal("rope.freq_base", 1.001f, 1e15f) ?? 10_000)
        {
            OriginalContext =
                keys.OptionalInteger("rope.scaling.original_context_length", 0, 1 << 30) is { } original and > 0
                    ? original : p.ContextLength,
            Magnitude = keys.OptionalReal("rope.scaling.attn_factor", 1e-3f, 1e3f) ?? 1,
        };
        float? given = keys.OptionalReal("rope.scaling.factor", 0, 1e6f);
        float factor = Either(given, keys.OptionalReal("rope.scale_linear", 0, 1e6f));
        string? type = keys.OptionalText("rope.scaling.type");
        return type switch
        {
            "none" => plain,
            null or "" or "linear" => plain with { Factor = factor },
            "yarn" => plain with { Factor = factor, Yarn = Yarn(keys) },
            // Its frequencies come as tensors; see Decoder.
            "longrope" when factor == 1 => plain,
            "longrope" => throw keys.Fault("rope.scaling.factor", $"is {factor}; longrope has its factors as tensors."),
            _ => throw keys.Fault(
                "rope.scaling.type", $"is '{type}', which is not supported; supported are none, linear, yarn, longrope."),
        };
    }

    private static float Either(float? first, float? second) =>
        first is > 0 ? first.Value : second is > 0 ? second.Value : 1;

    private static YarnParameters Yarn(HyperParameterReader keys) => new(
        ExtrapolationMix: keys.OptionalReal("rope.scaling.yarn_ext_factor", 0, 1) ?? 1,
        Magnitude: keys.OptionalReal("rope.scaling.yarn_attn_factor", 1e-3f, 1e3f) ?? 1,
        BetaFast: keys.OptionalReal("rope.scaling.yarn_beta_fast", 1e-3f, 1e6f) ?? 32,
        BetaSlow: keys.OptionalReal("rope.scaling.yarn_beta_slow", 1e-3f, 1e6f) ?? 1);

    /// <summary>The rotation with what the file's tensors say of its frequencies.</summary>
    /// <param name="rope">Parameters.</param>
    /// <param name="pairing">Which elements turn together.</param>
    /// <param name="tensors">May hold <c>rope_freqs</c> (Llama 3) or <c>rope_factors_long</c> and <c>_short</c>.</param>
    public static Rope Build(RopeParameters rope, RopePairing pairing, WeightReader tensors)
    {
        int pairs = rope.Dimensions / 2;
        float[] one = Divisors(tensors, "rope_freqs.weight", pairs);
        float[] longer = Divisors(tensors, "rope_factors_long.weight", pairs);
        float[] shorter = Divisors(tensors, "rope_factors_short.weight", pairs);
        if (longer.Length != shorter.Length)
            throw tensors.Fault(
                longer.Length > 0 ? "rope_factors_short.weight" : "rope_factors_long.weight",
                "the model has the other one of the two tensors but not this one.");
        if (longer.Length > 0)
            one = tensors.ContextLength > rope.OriginalContext ? longer : shorter;
        return rope.Build(pairing, one);
    }

    private static float[] Divisors(WeightReader tensors, string name, int pairs)
    {
        float[] divisors = tensors.OptionalVector(name, pairs);
        foreach (float divisor in divisors)
            if (!(divisor > 0 && float.IsFinite(divisor)))
                throw tensors.Fault(name, $"holds {divisor}; frequencies are divided by positive numbers.");
        return divisors;
    }
}
