using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;
using static Causerie.Gateway.Dialects.OpenAi.FieldTreatment;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>The table of every field of a chat completion request: it reads requests, refuses by name, and is the
/// table in the documentation.</summary>
public static class ChatFields
{
    /// <summary>Every field this server knows, in the order of the documentation.</summary>
    public static ImmutableArray<ChatField> All { get; } =
    [
        Honour("model", "The model's id; may be left out while exactly one model is served.",
            (draft, field) => draft.Model = Filled(field)),
        Honour("messages", "Roles `system`, `developer`, `user`, `assistant`, `tool`, and `function` as in older programs; text, or an array of text parts; `name`; `tool_calls` and `tool_call_id`.",
            (draft, field) =>
            {
                draft.Messages = ChatMessages.Read(field);
                draft.Stored["messages"] = JsonNode.Parse(field.Value.GetRawText());
            }),
        Honour("temperature", "0 to 2; 0 is greedy.",
            (draft, field) => draft.Sampling = draft.Sampling with { Temperature = field.Number(0, 2) }),
        Honour("top_p", "0 to 1.",
            (draft, field) => draft.Sampling = draft.Sampling with { TopP = field.Number(0, 1) }),
        Honour("presence_penalty", "−2 to 2.",
            (draft, field) => draft.Sampling = draft.Sampling with { PresencePenalty = field.Number(-2, 2) }),
        Honour("frequency_penalty", "−2 to 2.",
            (draft, field) => draft.Sampling = draft.Sampling with { FrequencyPenalty = field.Number(-2, 2) }),
        Honour("logit_bias", "Token id to a bias of −100 to 100.",
            (draft, field) => draft.Sampling = draft.Sampling with { LogitBias = Biases(field) }),
        Honour("seed", "Any 64-bit integer: the same seed, model and request give the same text.",
            (draft, field) => draft.Sampling = draft.Sampling with
            {
                Seed = unchecked((ulong)field.Long(long.MinValue, long.MaxValue)),
            }),
        Honour("stop", "One text, or one to four; they are not part of the answer.",
            (draft, field) => draft.Stop = Stops(field)),
        Honour("max_tokens", "At least 1. The older name of `max_completion_tokens`; give one of them.",
            (draft, field) => draft.MaxTokens = field.Integer(1)),
        Honour("max_completion_tokens", "At least 1.",
            (draft, field) => draft.MaxCompletionTokens = field.Integer(1)),
        Honour("stream", "Server-sent events.",
            (draft, field) => draft.Stream = field.Boolean()),
        Honour("stream_options", "`include_usage`; only with `stream`. `include_obfuscation` may only be false.",
            StreamOptions),
        Honour("response_format", "`text`, `json_object` or `json_schema`; the answer cannot leave the schema, `strict` or not.",
            (draft, field) => draft.Bind(ResponseFormats.Read(field), field)),
        Honour("tools", "Up to 128: functions, of which `strict` ones are called with arguments of their schema only, and custom tools, whose `input` is a text, free or of a grammar.",
            (draft, field) =>
            {
                draft.Tools = Tools.Read(field);
                draft.Newer = draft.Tools.IsEmpty ? draft.Newer : "tools";
            }),
        Honour("tool_choice", "`auto`, `none`, `required`, a function or custom tool by name, or `allowed_tools`. A call that is asked for is enforced.",
            (draft, field) => (draft.ToolChoice, draft.Newer) = (Tools.Choice(field), draft.Newer ?? "tool_choice")),
        Honour("functions", "The older name of `tools`: up to 128 functions, one of which is called at a time; the answer has `function_call`.",
            (draft, field) => draft.Functions = LegacyFunctions.Read(field)),
        Honour("function_call", "The older name of `tool_choice`: `none`, `auto`, or a function by name, whose call is enforced.",
            (draft, field) => draft.FunctionCall = LegacyFunctions.Choice(field)),
        Honour("parallel_tool_calls", "`false` ends the answer with its first call.",
            (draft, field) => draft.ParallelToolCalls = field.Boolean()),
        Honour("reasoning_effort", "Given to the model's chat template; `none` asks it not to think.",
            (draft, field) => draft.ReasoningEffort = Effort(field)),
        Honour("prediction", "A text that the answer is likely to repeat in parts: tokens that come as they stand there cost less. No token changes for it.",
            (draft, field) => draft.Prediction = ChatMessages.Predicted(field)),
        Honour("store", "Whether the completion is kept, to be listed, got, changed and deleted.",
            (draft, field) => draft.Store = field.Boolean()),
        Honour("metadata", "Up to 16 texts that are kept with it; only with `store`.",
            (draft, field) => draft.Stored["metadata"] = Metadata.Read(field)),
        Honour("n", "1 to 128 answers, each with a seed of its own: `seed`, `seed` + 1 and so on.",
            (draft, field) => draft.Choices = field.Integer(1, 128)),
        Honour("logprobs", "The logarithm of each token's probability, before any sampler.",
            (draft, field) => draft.LogProbs = field.Boolean()),
        Honour("top_logprobs", "0 to 20 of the most likely tokens in each place; only with `logprobs`.",
            (draft, field) => draft.TopLogProbs = field.Integer(0, 20)),

        Extras("top_k", "Keep the k most likely tokens; 0 keeps all.",
            (draft, field) => draft.Sampling = draft.Sampling with { TopK = field.Integer(0) }),
        Extras("min_p", "0 to 1: keep tokens at least p times as likely as the best one.",
            (draft, field) => draft.Sampling = draft.Sampling with { MinP = field.Number(0, 1) }),
        Extras("typical_p", "0 to 1: locally typical sampling.",
            (draft, field) => draft.Sampling = draft.Sampling with { TypicalP = field.Number(0, 1) }),
        Extras("repeat_penalty", "0.01 to 100; 1 is off.",
            (draft, field) => draft.Sampling = draft.Sampling with { RepeatPenalty = field.Number(0.01, 100) }),
        Extras("repeat_last_n", "How many last tokens the penalties look at; −1 is the whole context.",
            (draft, field) => draft.Sampling = draft.Sampling with { RepeatWindow = field.Integer(-1) }),
        Extras("dry_multiplier", "0 to 100; 0 is off.",
            (draft, field) => draft.Sampling = draft.Sampling with { DryMultiplier = field.Number(0, 100) }),
        Extras("dry_base", "0 to 100.",
            (draft, field) => draft.Sampling = draft.Sampling with { DryBase = field.Number(0, 100) }),
        Extras("dry_allowed_length", "Longest repetition that goes unpunished, in tokens.",
            (draft, field) => draft.Sampling = draft.Sampling with { DryAllowedLength = field.Integer(0) }),
        Extras("dry_penalty_last_n", "How many last tokens are searched; −1 is the whole context.",
            (draft, field) => draft.Sampling = draft.Sampling with { DryWindow = field.Integer(-1) }),
        Extras("dry_sequence_breakers", "Texts that a repetition does not cross.",
            (draft, field) => draft.Sampling = draft.Sampling with
            {
                DrySequenceBreakers = [.. field.Items(minLength: 0).Select(item => Filled(item))],
            }),
        Extras("grammar", "A grammar that the answer cannot leave: in GBNF, as llama.cpp reads it, or `syntax` (`gbnf`, `lark`, `regex`) and `definition`.",
            (draft, field) => draft.Bind(ResponseFormats.Grammar(field), field)),
        Extras("json_schema", "A JSON Schema that the answer cannot leave.",
            (draft, field) => draft.Bind(ResponseFormats.Schema(field), field)),
        Extras("guided_regex", "A regular expression that the whole answer matches.",
            (draft, field) => draft.Bind(new AnswerGrammar("regex", Filled(field)), field)),
        Extras("guided_choice", "Texts of which the answer is one.",
            (draft, field) => draft.Bind(ResponseFormats.Choice(field), field)),
        Extras("receipt", "`true` keeps a receipt, which the answer names in `receipt_id`; `causerie verify` checks it.",
            (draft, field) => draft.Receipt = field.Boolean()),

        Accept("user", "Names the end user to the provider of the API; says nothing about the answer.",
            (_, field) => field.String()),
        Accept("prompt_cache_key", "Earlier prompts are found by what they begin with.", (_, field) => field.String()),
        Accept("safety_identifier", "As `user`; at most 64 characters.", SafetyIdentifier),

        Refuse("modalities", "`[\"text\"]`", IsTextOnly),
        Refuse("audio"),
        Refuse("service_tier", "`\"auto\"` and `\"default\"`", IsOneOf("auto", "default")),
        Refuse("verbosity", "`\"medium\"`, the API's default (no chat template takes another),", IsOneOf("medium")),
        Refuse("web_search_options"),
        Refuse("moderation"),
        Refuse("prompt_cache_retention"),
        Refuse("prompt_cache_options"),
    ];

    private static readonly FrozenDictionary<string, ChatField> ByName = All.ToFrozenDictionary(field => field.Name);

    /// <summary>The table as Markdown, for the documentation.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| field | here | notes |\n|---|---|---|\n");
        foreach (var field in All)
        {
            string treatment = field.Treatment.ToString().ToLower(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"| `{field.Name}` | {treatment} | {field.Note} |\n");
        }

        return text.ToString();
    }

    internal static void Read(ChatDraft draft, JsonElement body)
    {
        foreach (var (name, field) in new JsonField(body, "").Entries())
        {
            if (!ByName.TryGetValue(name, out var known))
                throw field.Unknown();
            if (field.IsNull && name is not ("model" or "messages"))
                continue;
            if (known.Read is { } read)
                read(draft, field);
            else if (!known.AsksNothing(field.Value))
                throw field.Unsupported($"'{name}'" + (known.Note.Length > 0 ? " with this value" : ""));
        }
    }

    private static ChatField Honour(string name, string note, Action<ChatDraft, JsonField> read) =>
        new(name, Honoured, note) { Read = read };

    private static ChatField Extras(string name, string note, Action<ChatDraft, JsonField> read) =>
        new(name, Extra, note) { Read = read };

    private static ChatField Accept(string name, string note, Action<ChatDraft, JsonField> read) =>
        new(name, Accepted, note) { Read = read };

    private static ChatField Refuse(string name, string letsThrough = "", Func<JsonElement, bool>? asksNothing = null) =>
        new(name, Refused, letsThrough.Length == 0 ? "" : $"Lets {letsThrough} through.")
        {
            AsksNothing = asksNothing ?? (static _ => false),
        };

    private static void StreamOptions(ChatDraft draft, JsonField field)
    {
        draft.HasStreamOptions = true;
        foreach (var (key, option) in field.Entries())
        {
            if (key == "include_usage")
                draft.IncludeUsage = !option.IsNull && option.Boolean();
            else if (key != "include_obfuscation")
                throw option.Unknown();
            else if (!option.IsNull && option.Boolean())
                throw option.Unsupported($"'{option.Path}' true");
        }
    }

    internal static string Effort(JsonField field) => field.String() switch
    {
        "none" or "minimal" or "low" or "medium" or "high" or "xhigh" => field.String(),
        var other => throw field.Refuse(
            $"'{other}' is no effort; there are 'none', 'minimal', 'low', 'medium', 'high' and 'xhigh'.", "invalid_value"),
    };

    private static void SafetyIdentifier(ChatDraft draft, JsonField field)
    {
        if (field.String().Length > 64)
            throw field.Refuse("'safety_identifier' may have at most 64 characters.", "string_above_max_length");
    }

    private static string Filled(JsonField field) =>
        field.String() is { Length: > 0 } text
            ? text
            : throw field.Refuse($"'{field.Path}' must not be an empty text.", "empty_string");

    internal static ImmutableArray<string> Stops(JsonField field) => field.Value.ValueKind switch
    {
        JsonValueKind.String => [Filled(field)],
        JsonValueKind.Array => [.. field.Items(1, 4).Select(Filled)],
        _ => throw field.WrongType("a string or an array of strings"),
    };

    internal static ImmutableDictionary<int, float> Biases(JsonField field)
    {
        var biases = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var (key, bias) in field.Entries())
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw bias.Refuse($"'{key}' in 'logit_bias' is not a token id.", "invalid_value");
            if (!biases.TryAdd(id, (float)bias.Number(-100, 100)))
                throw bias.Refuse($"'logit_bias' gives token {id} twice.", "invalid_value");
        }

        return biases.ToImmutable();
    }

    private static bool IsTextOnly(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 && IsOneOf("text")(value[0]);

    private static Func<JsonElement, bool> IsOneOf(params string[] values) =>
        value => value.ValueKind == JsonValueKind.String && values.Contains(value.GetString());
}
