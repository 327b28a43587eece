using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Ledger.Receipts;

/// <summary>Reads receipts strictly: a field too many, too few or of another kind is refused, and so is a changed byte.</summary>
public static class ReceiptReader
{
    private const int MostBytes = 256 << 20;
    private const int Deepest = 8;

    private static readonly string[] Kinds = ["f16", "q8_0", "f32"];

    /// <summary>Reads one receipt and checks that it is, to the byte, what <see cref="ReceiptWriter"/> wrote.</summary>
    /// <param name="file">Its bytes; one line break at the end is let through, as editors put it there.</param>
    /// <exception cref="ReceiptException">It is not.</exception>
    public static Receipt Read(ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span.EndsWith("\n"u8) ? file[..^1] : file;
        var (receipt, hash) = Parse(bytes);
        string computed = ReceiptWriter.HashOf(receipt);
        if (hash != computed)
        {
            throw new ReceiptException(
                $"The receipt was altered: it says that its hash is {hash}, but what it holds has the hash {computed}.",
                altered: true);
        }

        byte[] written = ReceiptWriter.Write(receipt);
        if (!bytes.Span.SequenceEqual(written))
        {
            int at = bytes.Span.CommonPrefixLength(written);
            throw new ReceiptException(
                $"The receipt was altered at byte {at}: it says the same, but it is not written as it was. "
                + "Take the original, not a copy that a program formatted anew.", altered: true);
        }

        return receipt;
    }

    private static (Receipt Receipt, string Hash) Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MostBytes)
            throw new ReceiptException($"The file has {bytes.Length} bytes; no receipt has more than {MostBytes}.");
        try
        {
            using var document = JsonDocument.Parse(
                bytes, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false });
            return Parse(new ReceiptField(document.RootElement, ""));
        }
        catch (JsonException e)
        {
            throw new ReceiptException($"The file is no receipt, for it is not JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new ReceiptException("The file is no receipt, for the name of a field is no text.");
        }
        catch (ChatException e)
        {
            throw new ReceiptException($"The field 'sampling.{e.Field}' is out of range: {e.Message}");
        }
    }

    private static (Receipt Receipt, string Hash) Parse(ReceiptField root)
    {
        root.Object(
            "object", "version", "id", "created", "engine", "model", "request", "prompt_tokens", "sampling",
            "output_tokens", "logit_digests", "finish_reason", "text", "hash");
        if (root["object"].String() != "receipt")
            throw root["object"].Refuse("must be 'receipt'");
        if (root["version"].Long(0, long.MaxValue) is var version && version != ReceiptWriter.Version)
            throw root["version"].Refuse($"is {version}; this program reads version {ReceiptWriter.Version}");
        if (!ReceiptId.IsValid(root["id"].String()))
            throw root["id"].Refuse("is no name of a receipt");
        var engine = root["engine"].Object("version", "instructions", "context_length", "kv");
        var model = root["model"].Object("id", "files");
        var request = root["request"].Object(["messages", "stop", "max_tokens", "local_time", .. ReceiptTools.RequestFields]);
        string kv = engine["kv"].String();
        if (!Kinds.Contains(kv))
            throw engine["kv"].Refuse("must be f16, q8_0 or f32");
        var receipt = ReceiptTools.Read(request, new Receipt
        {
            Id = root["id"].String(),
            Created = new DateTimeOffset(root["created"].Time(ReceiptWriter.CreatedFormat), TimeSpan.Zero),
            Model = model["id"].String(),
            Messages = [.. request["messages"].Items().Select(Message)],
            Stop = Stops(request["stop"]),
            MaxTokens = request["max_tokens"] is { IsNull: false } most ? most.Integer(1) : null,
            Trace = new AnswerTrace
            {
                Engine = engine["version"].String(),
                Instructions = engine["instructions"].String(),
                Files = Files(model["files"]),
                ContextLength = engine["context_length"].Integer(1),
                KeysAndValues = kv,
                LocalTime = request["local_time"].Time(ReceiptWriter.LocalTimeFormat),
                Prompt = root["prompt_tokens"].Ids(),
                Sampling = Sampling(root["sampling"]),
                Output = root["output_tokens"].Ids(),
                LogitDigests = [.. root["logit_digests"].Items().Select(item => item.Hex(32))],
            },
            Reason = root["finish_reason"].String() switch
            {
                "stop" => FinishReason.Stop,
                "length" => FinishReason.Length,
                "tool_calls" => FinishReason.ToolCalls,
                _ => throw root["finish_reason"].Refuse("must be 'stop', 'length' or 'tool_calls'"),
            },
            Text = root["text"].String(),
        });
        var trace = receipt.Trace;
        if (trace.LogitDigests.Length != trace.Output.Length)
            throw root["logit_digests"].Refuse($"has {trace.LogitDigests.Length} digests for {trace.Output.Length} tokens");
        if ((long)trace.Prompt.Length + trace.Output.Length > trace.ContextLength)
            throw root["output_tokens"].Refuse("does not fit engine.context_length");
        return (receipt, root["hash"].Hex(64));
    }

    private static ChatMessage Message(ReceiptField message)
    {
        message.Object(["role", "content", "name", .. ReceiptTools.MessageFields]);
        var role = message["role"].String() switch
        {
            "system" => ChatRole.System,
            "developer" => ChatRole.Developer,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" => ChatRole.Tool,
            _ => throw message["role"].Refuse("must be 'system', 'developer', 'user', 'assistant' or 'tool'"),
        };
        return ReceiptTools.Read(message, new ChatMessage(role, message["content"].String())
        {
            Name = message["name"] is { IsNull: false } name ? name.String() : null,
        });
    }

    private static ImmutableArray<string> Stops(ReceiptField stop)
    {
        var texts = stop.Texts();
        return texts.Contains("") ? throw stop.Refuse("holds an empty text") : texts;
    }

    private static ImmutableArray<ModelFileHash> Files(ReceiptField files)
    {
        ImmutableArray<ModelFileHash> all =
        [
            .. files.Items().Select(file => file.Object("size", "sha256"))
                .Select(file => new ModelFileHash(file["size"].Long(0, long.MaxValue), file["sha256"].Hex(64))),
        ];
        return all.IsEmpty ? throw files.Refuse("is empty") : all;
    }

    private static SamplingOptions Sampling(ReceiptField sampling)
    {
        sampling.Object(
            "temperature", "top_k", "top_p", "min_p", "typical_p", "repeat_penalty", "repeat_last_n", "presence_penalty",
            "frequency_penalty", "dry_multiplier", "dry_base", "dry_allowed_length", "dry_penalty_last_n",
            "dry_sequence_breakers", "logit_bias", "seed");
        var options = new SamplingOptions
        {
            Temperature = sampling["temperature"].Number(),
            TopK = sampling["top_k"].Integer(0),
            TopP = sampling["top_p"].Number(),
            MinP = sampling["min_p"].Number(),
            TypicalP = sampling["typical_p"].Number(),
            RepeatPenalty = sampling["repeat_penalty"].Number(),
            RepeatWindow = sampling["repeat_last_n"].Integer(-1),
            PresencePenalty = sampling["presence_penalty"].Number(),
            FrequencyPenalty = sampling["frequency_penalty"].Number(),
            DryMultiplier = sampling["dry_multiplier"].Number(),
            DryBase = sampling["dry_base"].Number(),
            DryAllowedLength = sampling["dry_allowed_length"].Integer(0),
            DryWindow = sampling["dry_penalty_last_n"].Integer(-1),
            DrySequenceBreakers = sampling["dry_sequence_breakers"].Texts(),
            LogitBias = Biases(sampling["logit_bias"]),
            Seed = Seed(sampling["seed"]),
        };
        options.Validate();
        return options;
    }

    private static ImmutableDictionary<int, float> Biases(ReceiptField field)
    {
        var biases = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var (name, bias) in field.Entries())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw bias.Refuse("is named by no token id");
            bool none = bias.Value.ValueKind == JsonValueKind.String && bias.String() == "-Infinity";
            if (!biases.TryAdd(id, none ? float.NegativeInfinity : (float)bias.Number()))
                throw bias.Refuse("names a token that has a bias already");
        }

        return biases.ToImmutable();
    }

    private static ulong Seed(ReceiptField seed) =>
        ulong.TryParse(seed.String(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw seed.Refuse("must be a whole number of 64 bits, as a string");
}
