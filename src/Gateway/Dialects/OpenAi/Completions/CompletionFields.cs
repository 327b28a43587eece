using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Completions;

/// <summary>The table of every field of a request for completions.</summary>
public static class CompletionFields
{
    private static readonly FieldTable<CompletionDraft> All = new(
    [
        new("model", "honoured", "The model's id; may be left out while exactly one model is served.", (draft, field) => draft.Model = field.String()),
        new("prompt", "honoured", "A text, or token ids, or up to 128 of either; token ids are read as they stand, and not with `echo` or `suffix`.", (draft, field) => draft.Prompts = Prompts(field)),
        new("max_tokens", "honoured", "At least 1; 16 where it is left out.", (draft, field) => draft.MaxTokens = field.Integer(1)),
        new("temperature", "honoured", "0 to 2; 0 is greedy.", (draft, field) => draft.Sampling = draft.Sampling with { Temperature = field.Number(0, 2) }),
        new("top_p", "honoured", "0 to 1.", (draft, field) => draft.Sampling = draft.Sampling with { TopP = field.Number(0, 1) }),
        new("presence_penalty", "honoured", "−2 to 2.", (draft, field) => draft.Sampling = draft.Sampling with { PresencePenalty = field.Number(-2, 2) }),
        new("frequency_penalty", "honoured", "−2 to 2.", (draft, field) => draft.Sampling = draft.Sampling with { FrequencyPenalty = field.Number(-2, 2) }),
        new("logit_bias", "honoured", "Token id to a bias of −100 to 100.", (draft, field) => draft.Sampling = draft.Sampling with { LogitBias = ChatFields.Biases(field) }),
        new("seed", "honoured", "Any 64-bit integer.", (draft, field) => draft.Sampling = draft.Sampling with { Seed = unchecked((ulong)field.Long(long.MinValue, long.MaxValue)) }),
        new("stop", "honoured", "One text, or one to four.", (draft, field) => draft.Stop = ChatFields.Stops(field)),
        new("n", "honoured", "1 to 128 answers to each prompt, 128 in all.", (draft, field) => draft.Choices = field.Integer(1, 128)),
        new("logprobs", "honoured", "0 to 5 of the most likely tokens in each place.", (draft, field) => draft.LogProbs = field.Integer(0, 5)),
        new("echo", "honoured", "The prompt stands before the answer; not with `logprobs`.", (draft, field) => draft.Echo = field.Boolean()),
        new("suffix", "honoured", "What comes behind the answer, for models whose vocabulary has tokens for filling in; others refuse it. Not with `echo`.", (draft, field) => draft.Suffix = field.String()),
        new("stream", "honoured", "Server-sent events.", (draft, field) => draft.Stream = field.Boolean()),
        new("stream_options", "honoured", "`include_usage`; only with `stream`.", StreamOptions),
        new("best_of", "honoured", "Only 1.", (_, field) => OnlyOne(field)),
        new("grammar", "extra", "A grammar in GBNF that the answer cannot leave, or `syntax` and `definition` as in chat completions.", (draft, field) => draft.Bind(ResponseFormats.Grammar(field), field)),
        new("json_schema", "extra", "A JSON Schema that the answer cannot leave.", (draft, field) => draft.Bind(ResponseFormats.Schema(field), field)),
        new("guided_regex", "extra", "A regular expression that the whole answer matches.", (draft, field) => draft.Bind(new AnswerGrammar("regex", field.String()), field)),
        new("guided_choice", "extra", "Texts of which the answer is one.", (draft, field) => draft.Bind(ResponseFormats.Choice(field), field)),
        new("user", "accepted", "Names the end user; says nothing about the answer.", (_, field) => field.String()),
    ]);

    /// <summary>The table as Markdown, for the documentation.</summary>
    public static string ToMarkdown() => All.ToMarkdown();

    /// <summary>The fields that are read, with what they do.</summary>
    public static IEnumerable<(string Name, string Note)> Served => All.Served;

    internal static void Read(CompletionDraft draft, JsonElement body) => All.Read(draft, body);

    private static ImmutableArray<(string? Text, ImmutableArray<int> Tokens)> Prompts(JsonField prompt)
    {
        if (prompt.Value.ValueKind == JsonValueKind.String)
            return [(prompt.String(), [])];
        if (prompt.Value.ValueKind != JsonValueKind.Array)
            throw prompt.WrongType("a text, an array of texts or of token ids");
        return prompt.Items().First().Value.ValueKind == JsonValueKind.Number
            ? [(null, Tokens(prompt))]
            : [.. prompt.Items(1, 128).Select(item => item.Value.ValueKind == JsonValueKind.Array ? (null, Tokens(item)) : ((string?)item.String(), ImmutableArray<int>.Empty))];
    }

    private static ImmutableArray<int> Tokens(JsonField ids) => [.. ids.Items().Select(id => id.Integer(0))];

    private static void StreamOptions(CompletionDraft draft, JsonField options)
    {
        draft.HasStreamOptions = true;
        foreach (var (key, field) in options.Entries())
        {
            if (key == "include_usage")
                draft.IncludeUsage = !field.IsNull && field.Boolean();
            else if (key != "include_obfuscation")
                throw field.Unknown();
            else if (!field.IsNull && field.Boolean())
                throw field.Unsupported($"'{field.Path}' true");
        }
    }

    private static void OnlyOne(JsonField field)
    {
        if (field.Integer(1, 20) != 1)
            throw field.Unsupported("'best_of' above 1");
    }
}
