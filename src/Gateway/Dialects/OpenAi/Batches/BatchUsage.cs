using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi.Batches;

/// <summary>The tokens that a batch has used.</summary>
/// <param name="Input">Tokens that were read.</param>
/// <param name="Cached">Those of them that were known already.</param>
/// <param name="Output">Tokens that were written.</param>
/// <param name="Reasoning">Those of them that were thought.</param>
public readonly record struct BatchUsage(long Input, long Cached, long Output, long Reasoning)
{
    /// <summary>Both together.</summary>
    public static BatchUsage operator +(BatchUsage one, BatchUsage other) => Add(one, other);

    /// <summary>Both together.</summary>
    public static BatchUsage Add(BatchUsage one, BatchUsage other) => new(
        one.Input + other.Input, one.Cached + other.Cached, one.Output + other.Output, one.Reasoning + other.Reasoning);

    /// <summary>What an answer says that it used, in the words of whichever API.</summary>
    public static BatchUsage Of(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
            return default;
        return new BatchUsage(
            Number(usage, "prompt_tokens", "input_tokens"), Detail(usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details"),
            Number(usage, "completion_tokens", "output_tokens"),
            Detail(usage, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"));
    }

    /// <summary>The usage, as the API tells it.</summary>
    public JsonObject ToJson() => new()
    {
        ["input_tokens"] = Input,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = Cached },
        ["output_tokens"] = Output,
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = Reasoning },
        ["total_tokens"] = Input + Output,
    };

    private static long Number(JsonElement of, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
                return value.GetInt64();
        }

        return 0;
    }

    private static long Detail(JsonElement usage, string name, params ReadOnlySpan<string> parents)
    {
        foreach (string parent in parents)
        {
            if (usage.TryGetProperty(parent, out var details) && details.ValueKind == JsonValueKind.Object)
                return Number(details, name);
        }

        return 0;
    }
}
