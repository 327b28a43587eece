using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Sampling;

/// <summary>How a model wants to be sampled where the request leaves it open.</summary>
public sealed record SamplerDefaults
{
    private const string Prefix = "general.sampling.";

    // Keys that files may carry for samplers that do not exist here, with the values that mean "off".
    private static readonly ImmutableArray<(string Name, double Off)> Foreign =
        [("xtc_probability", 0), ("mirostat", 0)];

    /// <summary>Softmax temperature.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Top-k.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Nucleus.</summary>
    public double TopP { get; init; } = 0.95;

    /// <summary>Min-p.</summary>
    public double MinP { get; init; } = 0.05;

    /// <summary>Repeat penalty; 1 is off.</summary>
    public double RepeatPenalty { get; init; } = 1;

    /// <summary>Tokens that the penalties look back on.</summary>
    public int RepeatWindow { get; init; } = 64;

    /// <summary>Keys of the file that ask for samplers which do not exist here; for the one who runs the model to see.</summary>
    public ImmutableArray<string> NotHonoured { get; init; } = [];

    /// <summary>The defaults that a file carries (<c>general.sampling.*</c>), the house's for the others.</summary>
    /// <exception cref="GgufException">A value is of another type or out of range.</exception>
    public static SamplerDefaults From(GgufMetadata metadata)
    {
        var house = new SamplerDefaults();
        return new SamplerDefaults
        {
            Temperature = Number(metadata, "temp", house.Temperature, 0, 100),
            TopK = (int)Number(metadata, "top_k", house.TopK, 0, int.MaxValue),
            TopP = Number(metadata, "top_p", house.TopP, 0, 1),
            MinP = Number(metadata, "min_p", house.MinP, 0, 1),
            RepeatPenalty = Number(metadata, "penalty_repeat", house.RepeatPenalty, 0.01, 100),
            RepeatWindow = (int)Number(metadata, "penalty_last_n", house.RepeatWindow, -1, int.MaxValue),
            NotHonoured =
            [
                .. Foreign.Where(key => Number(metadata, key.Name, key.Off, double.MinValue, double.MaxValue) != key.Off)
                    .Select(key => Prefix + key.Name),
                .. metadata.Contains(Prefix + "sequence") ? [Prefix + "sequence"] : Array.Empty<string>(),
            ],
        };
    }

    /// <summary>Fills what <paramref name="options"/> leave open.</summary>
    public SamplerSettings Resolve(SamplingOptions options) => new()
    {
        Temperature = options.Temperature ?? Temperature,
        TopK = options.TopK ?? TopK,
        TopP = options.TopP ?? TopP,
        MinP = options.MinP ?? MinP,
        TypicalP = options.TypicalP ?? 1,
        RepeatPenalty = options.RepeatPenalty ?? RepeatPenalty,
        RepeatWindow = options.RepeatWindow ?? RepeatWindow,
        PresencePenalty = options.PresencePenalty ?? 0,
        FrequencyPenalty = options.FrequencyPenalty ?? 0,
        DryMultiplier = options.DryMultiplier ?? 0,
        DryBase = options.DryBase ?? 1.75,
        DryAllowedLength = options.DryAllowedLength ?? 2,
        DryWindow = options.DryWindow ?? -1,
        DrySequenceBreakers = options.DrySequenceBreakers ?? ["\n", ":", "\"", "*"],
        LogitBias = options.LogitBias,
    };

    private static double Number(GgufMetadata metadata, string name, double fallback, double least, double most)
    {
        string key = Prefix + name;
        double value = metadata.TypeOf(key) switch
        {
            null => fallback,
            GgufValueType.Float32 or GgufValueType.Float64 => metadata.Require<double>(key),
            _ => metadata.Require<long>(key),
        };
        return value >= least && value <= most
            ? value
            : throw metadata.Fault(key, $"{value} is out of range; it must be between {least} and {most}.");
    }
}
