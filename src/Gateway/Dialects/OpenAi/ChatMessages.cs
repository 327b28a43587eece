using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads the <c>messages</c> of a chat completion request.</summary>
internal static class ChatMessages
{
    public static ImmutableArray<ChatMessage> Read(JsonField messages)
    {
        ImmutableArray<ChatMessage> read = [.. messages.Items().Select(ReadOne)];
        return Named(LegacyFunctions.WithIds(read, messages), messages);
    }

    /// <summary>The text of a <c>prediction</c>: <c>{"type": "content", "content": text or parts}</c>.</summary>
    public static string Predicted(JsonField prediction)
    {
        JsonField? type = null, content = null;
        foreach (var (key, field) in prediction.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "content")
                content = field;
            else
                throw field.Unknown();
        }

        var kind = type ?? throw JsonField.Missing($"{prediction.Path}.type");
        if (kind.String() != "content")
            throw kind.Refuse($"'{kind.String()}' is no type of prediction; the type is 'content'.", "invalid_value");
        return Text(content ?? throw JsonField.Missing($"{prediction.Path}.content"), ChatRole.User);
    }

    private static ChatMessage ReadOne(JsonField message)
    {
        JsonField? role = null, content = null, name = null, calls = null, callId = null, thinking = null, legacyCall = null, refusal = null;
        var others = new List<(string Key, JsonField Field)>();
        foreach (var (key, field) in message.Entries())
        {
            if (key == "role")
                role = field;
            else if (key == "content")
                content = field;
            else if (key == "name")
                name = field.IsNull ? null : field;
            else if (key == "tool_calls" && !IsEmpty(field))
                calls = field;
            else if (key == "tool_call_id" && !field.IsNull)
                callId = field;
            else if (key == "function_call" && !field.IsNull)
                legacyCall = field;
            else if (key == "refusal" && !field.IsNull)
                refusal = field;
            else if (key == "reasoning_content" && !field.IsNull)
                thinking = field;
            else if (key != "reasoning_content")
                others.Add((key, field));
        }

        var speaker = Role(role ?? throw JsonField.Missing($"{message.Path}.role"));
        foreach (var (key, field) in others)
            CheckOther(speaker, key, field);
        foreach (var (its, of) in new[] { (calls, ChatRole.Assistant), (legacyCall, ChatRole.Assistant), (thinking, ChatRole.Assistant), (refusal, ChatRole.Assistant), (callId, ChatRole.Tool) })
        {
            if (its is { } misplaced && speaker != of)
                throw misplaced.Refuse($"'{misplaced.Path}' belongs to messages of the role '{of.ToString().ToLowerInvariant()}'.", "invalid_value");
        }

        bool legacyResult = role.Value.String() == "function";
        if (legacyResult && callId is { } strange)
            throw strange.Unknown();
        if (legacyResult && name is null)
            throw JsonField.Missing($"{message.Path}.name");
        if (speaker == ChatRole.Tool && !legacyResult && callId is null)
            throw JsonField.Missing($"{message.Path}.tool_call_id");
        if (legacyCall is { } older && calls is not null)
            throw older.Refuse($"'{older.Path}' is the older name of 'tool_calls'; give one of them.", "invalid_value");
        // What an assistant said when it refused is what it said.
        if (refusal is { } said && content is { IsNull: false })
            throw said.Refuse($"'{said.Path}' stands in the place of 'content'; give one of them.", "invalid_value");

        // A message that calls need not say anything, and a function may give nothing.
        string text = refusal is { } no ? no.String() : (calls is not null && content is null or { IsNull: true })
            || (legacyCall is not null && content is null or { IsNull: true }) || (legacyResult && content is { IsNull: true })
            ? ""
            : Text(content ?? throw JsonField.Missing($"{message.Path}.content"), speaker);
        return new ChatMessage(speaker, text)
        {
            Name = name?.String(),
            Thinking = thinking?.String(),
            ToolCallId = callId?.String(),
            ToolCalls = calls is { } list ? [.. list.Items().Select(Call)]
                : legacyCall is { } call ? [LegacyFunctions.Call(call)] : [],
        };
    }

    private static ChatRole Role(JsonField role) => role.String() switch
    {
        "system" => ChatRole.System,
        "developer" => ChatRole.Developer,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        "tool" or "function" => ChatRole.Tool,
        var other => throw role.Refuse(
            $"'{other}' is no role; the roles are 'system', 'developer', 'user', 'assistant' and 'tool'.", "invalid_value"),
    };

    private static ToolCall Call(JsonField call)
    {
        JsonField? id = null, type = null, name = null, arguments = null, function = null, custom = null;
        foreach (var (key, field) in call.Entries())
        {
            switch (key)
            {
                case "id":
                    id = field;
                    break;
                case "type":
                    type = field;
                    break;
                case "function":
                    function = field;
                    break;
                case "custom":
                    custom = field;
                    break;
                case "index":
                    break; // streamed calls are sent back as they came
                default:
                    throw field.Unknown();
            }
        }

        string kind = type?.String() ?? "function";
        if (kind is not ("function" or "custom"))
            throw type!.Value.Unsupported($"A call of type '{kind}'", "unsupported_value");
        if ((kind == "custom" ? function : custom) is { } misplaced)
            throw misplaced.Refuse($"'{misplaced.Path}' belongs to calls of another type than '{kind}'.", "invalid_value");
        string holds = kind == "custom" ? "input" : "arguments";
        foreach (var (key, field) in (function ?? custom ?? throw JsonField.Missing($"{call.Path}.{kind}")).Entries())
        {
            if (key == "name")
                name = field;
            else if (key == holds)
                arguments = field;
            else
                throw field.Unknown();
        }

        string said = (arguments ?? throw JsonField.Missing($"{call.Path}.{kind}.{holds}")).String();
        return new ToolCall(
            (id ?? throw JsonField.Missing($"{call.Path}.id")).String(),
            (name ?? throw JsonField.Missing($"{call.Path}.{kind}.name")).String(),
            kind == "custom" ? CustomTools.Arguments(said) : said);
    }

    /// <summary>Gives results the name of the tool that was called, which some templates print; refuses those of no call.</summary>
    private static ImmutableArray<ChatMessage> Named(ImmutableArray<ChatMessage> messages, JsonField field)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var named = messages.ToBuilder();
        for (int i = 0; i < named.Count; i++)
        {
            foreach (var call in named[i].ToolCalls)
                names[call.Id] = call.Name;
            if (named[i] is not { Role: ChatRole.Tool, ToolCallId: { } id } result)
                continue;
            if (!names.TryGetValue(id, out string? name))
            {
                throw new RejectedException(Errors.Invalid(
                    $"'{field.Path}[{i}]' is the result of the call '{id}', which no message before it makes.",
                    $"{field.Path}[{i}].tool_call_id", "invalid_value"));
            }

            named[i] = result with { Name = result.Name ?? name };
        }

        return named.ToImmutable();
    }

    // What an answer of OpenAI's carries besides its text is often sent back as it came; empty, it says nothing.
    private static void CheckOther(ChatRole speaker, string key, JsonField field)
    {
        bool known = key == "tool_calls" || (speaker == ChatRole.Assistant
            && key is "audio" or "annotations" or "function_call" or "refusal");
        if (!known && !(key == "tool_call_id" && field.IsNull))
            throw field.Unknown();
        if (!IsEmpty(field))
            throw field.Unsupported($"'{field.Path}'");
    }

    private static bool IsEmpty(JsonField field) =>
        field.IsNull || (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0);

    private static string Text(JsonField content, ChatRole speaker) => content.Value.ValueKind switch
    {
        JsonValueKind.String => content.String(),
        JsonValueKind.Array => string.Concat(content.Items().Select(part => Part(part, speaker))),
        _ => throw content.WrongType("a string or an array of text parts"),
    };

    private static string Part(JsonField part, ChatRole speaker)
    {
        JsonField? type = null, text = null, refusal = null;
        var others = new List<JsonField>();
        foreach (var (key, field) in part.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "text")
                text = field;
            else if (key == "refusal")
                refusal = field;
            else
                others.Add(field);
        }

        var kind = type ?? throw JsonField.Missing($"{part.Path}.type");
        switch (kind.String())
        {
            case "text" when refusal is { } stray:
                throw stray.Unknown();
            case "text":
                break;
            case "refusal" when speaker == ChatRole.Assistant && text is null:
                text = refusal ?? throw JsonField.Missing($"{part.Path}.refusal");
                break;
            case "image_url" or "input_audio" or "file" or "refusal":
                throw kind.Unsupported($"Content of type '{kind.String()}'", "unsupported_value");
            default:
                throw kind.Refuse($"'{kind.String()}' is no type of content; this server reads 'text'.", "invalid_value");
        }

        foreach (var other in others)
            throw other.Path.EndsWith(".prompt_cache_breakpoint", StringComparison.Ordinal)
                ? other.Unsupported($"'{other.Path}'")
                : other.Unknown();
        return (text ?? throw JsonField.Missing($"{part.Path}.text")).String();
    }
}
