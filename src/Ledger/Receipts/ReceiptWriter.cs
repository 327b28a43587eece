using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Ledger.Receipts;

/// <summary>Writes receipts in the one form that they have: a line of JSON whose last field is the hash of the others.</summary>
/// <remarks>
/// Fields in a fixed order without spaces, numbers at their shortest, letters as themselves: the same receipt has the
/// same bytes on every machine, so that its hash can be computed again from what was read.
/// </remarks>
public static class ReceiptWriter
{
    /// <summary>The form's number; a reader refuses others.</summary>
    public const int Version = 1;

    internal const string CreatedFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    internal const string LocalTimeFormat = "yyyy-MM-dd'T'HH:mm:ss";

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>UTF-8.</summary>
    public static byte[] Write(Receipt receipt) => Bytes(receipt, HashOf(receipt));

    /// <summary>SHA-256 of the form without its last field, as 64 hexadecimal digits.</summary>
    public static string HashOf(Receipt receipt) => Convert.ToHexStringLower(SHA256.HashData(Bytes(receipt, null)));

    private static byte[] Bytes(Receipt receipt, string? hash)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("object", "receipt");
            json.WriteNumber("version", Version);
            json.WriteString("id", receipt.Id);
            json.WriteString("created", receipt.Created.UtcDateTime.ToString(CreatedFormat, CultureInfo.InvariantCulture));
            WriteEngine(json, receipt.Trace);
            WriteModel(json, receipt);
            WriteRequest(json, receipt);
            WriteIds(json, "prompt_tokens", receipt.Trace.Prompt);
            WriteSampling(json, receipt.Trace.Sampling);
            WriteIds(json, "output_tokens", receipt.Trace.Output);
            WriteTexts(json, "logit_digests", receipt.Trace.LogitDigests);
            json.WriteString("finish_reason", receipt.Reason switch
            {
                FinishReason.Length => "length",
                FinishReason.ToolCalls => "tool_calls",
                _ => "stop",
            });
            json.WriteString("text", Utf8(receipt.Text));
            if (hash is not null)
                json.WriteString("hash", hash);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteEngine(Utf8JsonWriter json, AnswerTrace trace)
    {
        json.WriteStartObject("engine");
        json.WriteString("version", trace.Engine);
        json.WriteString("instructions", trace.Instructions);
        json.WriteNumber("context_length", trace.ContextLength);
        json.WriteString("kv", trace.KeysAndValues);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteStartObject("model");
        json.WriteString("id", Utf8(receipt.Model));
        json.WriteStartArray("files");
        foreach (var file in receipt.Trace.Files)
        {
            json.WriteStartObject();
            json.WriteNumber("size", file.Size);
            json.WriteString("sha256", file.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRequest(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteStartObject("request");
        json.WriteStartArray("messages");
        foreach (var message in receipt.Messages)
        {
            json.WriteStartObject();
            json.WriteString("role", Name(message.Role));
            json.WriteString("content", Utf8(message.Text));
            if (message.Name is { } name)
                json.WriteString("name", Utf8(name));
            else
                json.WriteNull("name");
            ReceiptTools.Write(json, message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTexts(json, "stop", receipt.Stop);
        if (receipt.MaxTokens is { } most)
            json.WriteNumber("max_tokens", most);
        else
            json.WriteNull("max_tokens");
        json.WriteString("local_time", receipt.Trace.LocalTime.ToString(LocalTimeFormat, CultureInfo.InvariantCulture));
        ReceiptTools.Write(json, receipt);
        json.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter json, SamplingOptions sampling)
    {
        json.WriteStartObject("sampling");
        json.WriteNumber("temperature", sampling.Temperature!.Value);
        json.WriteNumber("top_k", sampling.TopK!.Value);
        json.WriteNumber("top_p", sampling.TopP!.Value);
        json.WriteNumber("min_p", sampling.MinP!.Value);
        json.WriteNumber("typical_p", sampling.TypicalP!.Value);
        json.WriteNumber("repeat_penalty", sampling.RepeatPenalty!.Value);
        json.WriteNumber("repeat_last_n", sampling.RepeatWindow!.Value);
        json.WriteNumber("presence_penalty", sampling.PresencePenalty!.Value);
        json.WriteNumber("frequency_penalty", sampling.FrequencyPenalty!.Value);
        json.WriteNumber("dry_multiplier", sampling.DryMultiplier!.Value);
        json.WriteNumber("dry_base", sampling.DryBase!.Value);
        json.WriteNumber("dry_allowed_length", sampling.DryAllowedLength!.Value);
        json.WriteNumber("dry_penalty_last_n", sampling.DryWindow!.Value);
        WriteTexts(json, "dry_sequence_breakers", sampling.DrySequenceBreakers!.Value);
        json.WriteStartObject("logit_bias");
        foreach (var (id, bias) in sampling.LogitBias.OrderBy(entry => entry.Key))
        {
            string name = id.ToString(CultureInfo.InvariantCulture);
            // JSON has no infinity.
            if (float.IsFinite(bias))
                json.WriteNumber(name, bias);
            else
                json.WriteString(name, "-Infinity");
        }

        json.WriteEndObject();
        // As text: many programs read JSON's numbers as doubles, which have no room for 64 bits.
        json.WriteString("seed", sampling.Seed!.Value.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, ImmutableArray<int> ids)
    {
        json.WriteStartArray(name);
        foreach (int id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(Utf8(text));
        json.WriteEndArray();
    }

    // Half of a surrogate pair becomes U+FFFD here, once: the writer itself would escape it and read it back as another.
    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Name(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.Developer => "developer",
        ChatRole.Assistant => "assistant",
        ChatRole.Tool => "tool",
        _ => "user",
    };
}
