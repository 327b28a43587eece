using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>The table of every field of a request for a response: it reads requests, refuses by name, and is the table in
/// the documentation.</summary>
public static class ResponseFields
{
    private static readonly FieldTable<ResponseDraft> All = new(
    [
        new("model", "honoured", "The model's id; may be left out while exactly one model is served.",
            (draft, field) => draft.Model = field.String()),
        new("input", "honoured", "A text, or items: messages of text, `function_call`, `custom_tool_call`, their `…_output`, `reasoning`, `item_reference` to an item of a kept response.",
            (draft, field) => draft.Input = field),
        new("instructions", "honoured", "Stand before the conversation; not carried over by `previous_response_id`.",
            (draft, field) => draft.Instructions = field.String()),
        new("previous_response_id", "honoured", "A kept response, whose conversation goes on.",
            (draft, field) => draft.Previous = field.String()),
        new("conversation", "honoured", "A conversation's id, or an object with it; the response goes on with it and is added to it.",
            (draft, field) => draft.Conversation = Conversation(field)),
        new("stream", "honoured", "Server-sent events, each with its name and a sequence number.",
            (draft, field) => draft.Stream = field.Boolean()),
        new("store", "honoured", "Whether the response is kept; true where it is left out.",
            (draft, field) => draft.Store = field.Boolean()),
        new("max_output_tokens", "honoured", "At least 1; thinking counts.",
            (draft, field) => draft.MaxOutputTokens = field.Integer(1)),
        new("temperature", "honoured", "0 to 2; 0 is greedy.",
            (draft, field) => draft.Sampling = draft.Sampling with { Temperature = field.Number(0, 2) }),
        new("top_p", "honoured", "0 to 1.",
            (draft, field) => draft.Sampling = draft.Sampling with { TopP = field.Number(0, 1) }),
        new("top_logprobs", "honoured", "0 to 20.",
            (draft, field) => draft.TopLogProbs = field.Integer(0, 20)),
        new("text", "honoured", "`format`: `text`, `json_object` or `json_schema`; `verbosity` may only be `medium`.", Text),
        new("tools", "honoured", "Functions, and custom tools with a text or a grammar in Lark or as a regular expression; other tools are refused by name.",
            (draft, field) => draft.Tools = ReadTools(field)),
        new("tool_choice", "honoured", "`auto`, `none`, `required`, a function or custom tool by name, or `allowed_tools`.",
            (draft, field) => draft.ToolChoice = Choice(field)),
        new("parallel_tool_calls", "honoured", "`false` ends the answer with its first call.",
            (draft, field) => draft.ParallelToolCalls = field.Boolean()),
        new("reasoning", "honoured", "`effort`, given to the model's chat template; `summary` is refused.", Reasoning),
        new("metadata", "honoured", "Up to 16 texts, kept and given back.", (_, field) => OpenAi.Metadata.Read(field)),
        new("include", "honoured", "`message.output_text.logprobs`.", Include),
        new("truncation", "honoured", "`disabled`: a conversation that does not fit is an error; `auto`: its oldest turns are left out.",
            (draft, field) => draft.Truncates = Truncates(field)),
        new("stream_options", "honoured", "`include_obfuscation` may only be false.", StreamOptions),
        new("background", "honoured", "The answer is made while nobody waits: get it, follow its stream (`?stream=true&starting_after=N`), or cancel it. A server that ends meanwhile makes it again with the same seed.",
            (draft, field) => draft.Background = field.Boolean()),
        new("service_tier", "honoured", "Only `auto` and `default`.", (_, field) => OneOf(field, "auto", "default")),
        new("seed", "extra", "Any 64-bit integer, as in chat completions.",
            (draft, field) => draft.Sampling = draft.Sampling with { Seed = unchecked((ulong)field.Long(long.MinValue, long.MaxValue)) }),
        new("receipt", "extra", "`true` keeps a receipt, which the answer names in `receipt_id`.",
            (draft, field) => draft.Receipt = field.Boolean()),
        new("user", "accepted", "Names the end user; says nothing about the answer.", (_, field) => field.String()),
        new("safety_identifier", "accepted", "As `user`.", (_, field) => field.String()),
        new("prompt_cache_key", "accepted", "Earlier prompts are found by what they begin with.", (_, field) => field.String()),
        new("context_management", "refused", "", null),
        new("max_tool_calls", "refused", "", null),
        new("moderation", "refused", "", null),
        new("personality", "refused", "", null),
        new("prompt", "refused", "", null),
        new("prompt_cache_options", "refused", "", null),
        new("prompt_cache_retention", "refused", "", null),
    ]);

    // What the answer repeats as it was asked.
    private static readonly string[] Echoed =
        ["instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p", "top_logprobs", "user", "safety_identifier", "prompt_cache_key"];

    /// <summary>The table as Markdown, for the documentation.</summary>
    public static string ToMarkdown() => All.ToMarkdown();

    /// <summary>The fields that are read, with what they do.</summary>
    public static IEnumerable<(string Name, string Note)> Served => All.Served;

    internal static void Read(ResponseDraft draft, JsonElement body)
    {
        All.Read(draft, body, (name, field) =>
        {
            if (Echoed.Contains(name))
                draft.Echo[name] = JsonNode.Parse(field.Value.GetRawText());
        });
        draft.Input = draft.Input is { } input ? input with { Value = input.Value.Clone() } : null;
    }

    private static void Text(ResponseDraft draft, JsonField text)
    {
        foreach (var (key, field) in text.Entries())
        {
            if (key == "verbosity" && !field.IsNull)
                OneOf(field, "medium");
            else if (key == "format" && !field.IsNull)
                Format(draft, field);
            else if (key is not ("verbosity" or "format"))
                throw field.Unknown();
        }
    }

    private static void Format(ResponseDraft draft, JsonField format)
    {
        JsonField? type = null;
        foreach (var (key, field) in format.Entries())
        {
            if (key == "type")
                type = field;
        }

        var kind = type ?? throw JsonField.Missing($"{format.Path}.type");
        draft.Grammar = kind.String() switch
        {
            "text" => null,
            "json_object" => AnswerGrammar.JsonObject,
            "json_schema" => ResponseFormats.Named(format),
            var other => throw kind.Refuse($"'{other}' is no format; the formats are 'text', 'json_object' and 'json_schema'.", "invalid_value"),
        };
        draft.Format = JsonNode.Parse(format.Value.GetRawText())!;
    }

    private static ImmutableArray<ChatTool> ReadTools(JsonField tools)
    {
        var read = ImmutableArray.CreateBuilder<ChatTool>();
        foreach (var tool in tools.Items(0, 128))
        {
            JsonField? type = null;
            foreach (var (key, field) in tool.Entries())
            {
                if (key == "type")
                    type = field;
            }

            var kind = type ?? throw JsonField.Missing($"{tool.Path}.type");
            var its = kind.String() switch
            {
                "function" => Tools.Function(tool),
                "custom" => CustomTools.Read(tool, flat: true),
                var other => throw kind.Refuse($"Tools of type '{other}' are not supported by this server; it knows 'function' and 'custom'.", "unsupported_value"),
            };
            if (read.Any(other => other.Name == its.Name))
                throw tool.Refuse($"'{tool.Path}' has the name '{its.Name}' of another tool.", "invalid_value");
            read.Add(its);
        }

        return read.ToImmutable();
    }

    // Here a name stands beside the type, where chat completions have it a level down.
    private static ToolChoice Choice(JsonField choice)
    {
        if (choice.Value.ValueKind == JsonValueKind.String)
            return Tools.Choice(choice);
        var node = JsonNode.Parse(choice.Value.GetRawText()) as JsonObject ?? throw choice.WrongType("a string or an object");
        string? type = node["type"] is JsonValue value && value.TryGetValue(out string? its) ? its : null;
        var nested = type switch
        {
            "function" or "custom" => new JsonObject { ["type"] = type, [type] = new JsonObject { ["name"] = node["name"]?.DeepClone() } },
            "allowed_tools" => new JsonObject
            {
                ["type"] = "allowed_tools",
                ["allowed_tools"] = new JsonObject { ["mode"] = node["mode"]?.DeepClone(), ["tools"] = node["tools"]?.DeepClone() },
            },
            _ => node,
        };
        return Tools.Choice(choice with { Value = JsonSerializer.SerializeToElement(nested) });
    }

    private static void Reasoning(ResponseDraft draft, JsonField reasoning)
    {
        foreach (var (key, field) in reasoning.Entries())
        {
            if (field.IsNull)
                continue;
            if (key == "effort")
                draft.Effort = ChatFields.Effort(field);
            else if (key is "summary" or "generate_summary")
                throw field.Unsupported($"'{field.Path}'");
            else
                throw field.Unknown();
        }
    }

    private static string Conversation(JsonField conversation)
    {
        if (conversation.Value.ValueKind == JsonValueKind.String)
            return conversation.String();
        string? id = null;
        foreach (var (key, field) in conversation.Entries())
            id = key == "id" ? field.String() : throw field.Unknown();
        return id ?? throw JsonField.Missing($"{conversation.Path}.id");
    }

    private static void Include(ResponseDraft draft, JsonField include)
    {
        foreach (var item in include.Items(0))
        {
            if (item.String() != "message.output_text.logprobs")
                throw item.Unsupported($"'{item.String()}'", "unsupported_value");
            draft.IncludeLogProbs = true;
        }
    }

    private static void StreamOptions(ResponseDraft draft, JsonField options)
    {
        foreach (var (key, field) in options.Entries())
        {
            if (key != "include_obfuscation")
                throw field.Unknown();
            MustBeFalse(field);
        }
    }

    private static bool Truncates(JsonField field) => field.String() switch
    {
        "auto" => true,
        "disabled" => false,
        var other => throw field.Refuse($"'{other}' is no truncation; there are 'auto' and 'disabled'.", "invalid_value"),
    };

    private static void MustBeFalse(JsonField field)
    {
        if (field.Boolean())
            throw field.Unsupported($"'{field.Path}' true");
    }

    private static void OneOf(JsonField field, params ReadOnlySpan<string> values)
    {
        if (!values.Contains(field.String()))
            throw field.Unsupported($"'{field.Path}' with this value");
    }
}
