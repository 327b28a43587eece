using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Inference.Sampling;

/// <summary>A request's sampling options with nothing left open; see <see cref="SamplingOptions"/> for the meanings.</summary>
public sealed record SamplerSettings
{
    /// <summary>0 is greedy.</summary>
    public required double Temperature { get; init; }

    /// <summary>0 keeps all.</summary>
    public required int TopK { get; init; }

    /// <summary>1 keeps all.</summary>
    public required double TopP { get; init; }

    /// <summary>0 keeps all.</summary>
    public required double MinP { get; init; }

    /// <summary>1 keeps all.</summary>
    public required double TypicalP { get; init; }

    /// <summary>1 is off.</summary>
    public required double RepeatPenalty { get; init; }

    /// <summary>Tokens; −1 is the whole context, 0 none.</summary>
    public required int RepeatWindow { get; init; }

    /// <summary>0 is off.</summary>
    public required double PresencePenalty { get; init; }

    /// <summary>0 is off.</summary>
    public required double FrequencyPenalty { get; init; }

    /// <summary>0 is off.</summary>
    public required double DryMultiplier { get; init; }

    /// <summary>Below 1 is off.</summary>
    public required double DryBase { get; init; }

    /// <summary>Tokens.</summary>
    public required int DryAllowedLength { get; init; }

    /// <summary>Tokens; −1 is the whole context, 0 none.</summary>
    public required int DryWindow { get; init; }

    /// <summary>Texts that a repetition does not cross.</summary>
    public required ImmutableArray<string> DrySequenceBreakers { get; init; }

    /// <summary>Added to the logits of these tokens.</summary>
    public required ImmutableDictionary<int, float> LogitBias { get; init; }

    /// <summary>Options that ask for exactly these settings of any model, and for a seed.</summary>
    public SamplingOptions ToOptions(ulong seed) => new()
    {
        Temperature = Temperature,
        TopK = TopK,
        TopP = TopP,
        MinP = MinP,
        TypicalP = TypicalP,
        RepeatPenalty = RepeatPenalty,
        RepeatWindow = RepeatWindow,
        PresencePenalty = PresencePenalty,
        FrequencyPenalty = FrequencyPenalty,
        DryMultiplier = DryMultiplier,
        DryBase = DryBase,
        DryAllowedLength = DryAllowedLength,
        DryWindow = DryWindow,
        DrySequenceBreakers = DrySequenceBreakers,
        LogitBias = LogitBias,
        Seed = seed,
    };

    /// <summary>Whether the best token is picked whatever the other samplers would keep.</summary>
    internal bool OnlyTheBestMatters => Temperature == 0 && TypicalP >= 1;
}
