using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>How the next token is picked from the logits; a null field means the model's own default.</summary>
/// <remarks>
/// Ranges are checked by <see cref="Validate"/>; the samplers themselves live in Inference. Penalty and DRY definitions
/// follow llama.cpp, so that a setting found to work there works here.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Everything left to the model.</summary>
    public static SamplingOptions ModelDefault { get; } = new();

    /// <summary>The most likely token, always.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Softmax temperature, 0 to 2 in the APIs; 0 is greedy.</summary>
    public double? Temperature { get; init; }

    /// <summary>Keep the k most likely tokens; 0 keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>Nucleus: keep the fewest tokens whose probabilities sum to at least p; 1 keeps all.</summary>
    public double? TopP { get; init; }

    /// <summary>Keep tokens at least p times as likely as the best one; 0 keeps all.</summary>
    public double? MinP { get; init; }

    /// <summary>Locally typical sampling mass; 1 keeps all.</summary>
    public double? TypicalP { get; init; }

    /// <summary>Divides the logits of tokens already seen in the window; 1 is off.</summary>
    public double? RepeatPenalty { get; init; }

    /// <summary>How many last tokens the penalties look at; -1 is the whole context, 0 none.</summary>
    public int? RepeatWindow { get; init; }

    /// <summary>Subtracted once from each token already seen, −2 to 2.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>Subtracted for each time that a token was seen, −2 to 2.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>DRY: strength against repeated sequences; 0 is off.</summary>
    public double? DryMultiplier { get; init; }

    /// <summary>DRY: base of the exponential penalty.</summary>
    public double? DryBase { get; init; }

    /// <summary>DRY: longest repetition that goes unpunished, in tokens.</summary>
    public int? DryAllowedLength { get; init; }

    /// <summary>DRY: how many last tokens are searched for repetitions; -1 is the whole context.</summary>
    public int? DryWindow { get; init; }

    /// <summary>DRY: texts that a repetition does not cross; null means newline, colon, double quote and asterisk.</summary>
    public ImmutableArray<string>? DrySequenceBreakers { get; init; }

    /// <summary>Added to the logits of these token ids before anything else.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>The same seed, model and request give the same text; null draws a fresh one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Throws <see cref="ChatException"/> naming the first field that is out of its range.</summary>
    public void Validate()
    {
        Check(Temperature, 0, 100, "temperature");
        Check(TopK, 0, int.MaxValue, "top_k");
        Check(TopP, 0, 1, "top_p");
        Check(MinP, 0, 1, "min_p");
        Check(TypicalP, 0, 1, "typical_p");
        Check(RepeatPenalty, 0.01, 100, "repeat_penalty");
        Check(RepeatWindow, -1, int.MaxValue, "repeat_last_n");
        Check(PresencePenalty, -2, 2, "presence_penalty");
        Check(FrequencyPenalty, -2, 2, "frequency_penalty");
        Check(DryMultiplier, 0, 100, "dry_multiplier");
        Check(DryBase, 0, 100, "dry_base");
        Check(DryAllowedLength, 0, int.MaxValue, "dry_allowed_length");
        Check(DryWindow, -1, int.MaxValue, "dry_penalty_last_n");
        foreach (var (id, bias) in LogitBias)
            Check(bias, float.NegativeInfinity, 100, $"logit_bias.{id}");
    }

    private static void Check(double? value, double min, double max, string field)
    {
        if (value is { } v && !(v >= min && v <= max))
            throw ChatException.Invalid($"{field} must be between {min} and {max}, not {v}.", field);
    }
}
