using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads the <c>messages</c> of a chat completion request.</summary>
internal static class ChatMessages
{
    public static ImmutableArray<ChatMessage> Read(JsonField messages) => [.. messages.Items().Select(ReadOne)];

    private static ChatMessage ReadOne(JsonField message)
    {
        JsonField? role = null, content = null, name = null;
        var others = new List<(string Key, JsonField Field)>();
        foreach (var (key, field) in message.Entries())
        {
            if (key == "role")
                role = field;
            else if (key == "content")
                content = field;
            else if (key == "name")
                name = field.IsNull ? null : field;
            else
                others.Add((key, field));
        }

        var speaker = Role(role ?? throw JsonField.Missing($"{message.Path}.role"));
        foreach (var (key, field) in others)
            CheckOther(speaker, key, field);
        string text = Text(content ?? throw JsonField.Missing($"{message.Path}.content"));
        return new ChatMessage(speaker, text) { Name = name?.String() };
    }

    private static ChatRole Role(JsonField role) => role.String() switch
    {
        "system" => ChatRole.System,
        "developer" => ChatRole.Developer,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        "tool" or "function" => throw role.Unsupported($"The role '{role.String()}'", "unsupported_value"),
        var other => throw role.Refuse(
            $"'{other}' is no role; the roles are 'system', 'developer', 'user' and 'assistant'.", "invalid_value"),
    };

    // What an answer of OpenAI's carries besides its text is often sent back as it came; empty, it says nothing.
    private static void CheckOther(ChatRole speaker, string key, JsonField field)
    {
        bool known = speaker == ChatRole.Assistant
            && key is "refusal" or "audio" or "tool_calls" or "function_call" or "annotations";
        if (!known)
            throw field.Unknown();
        bool empty = field.IsNull || (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0);
        if (!empty)
            throw field.Unsupported($"'{field.Path}'");
    }

    private static string Text(JsonField content) => content.Value.ValueKind switch
    {
        JsonValueKind.String => content.String(),
        JsonValueKind.Array => string.Concat(content.Items().Select(Part)),
        _ => throw content.WrongType("a string or an array of text parts"),
    };

    private static string Part(JsonField part)
    {
        JsonField? type = null, text = null;
        var others = new List<JsonField>();
        foreach (var (key, field) in part.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "text")
                text = field;
            else
                others.Add(field);
        }

        var kind = type ?? throw JsonField.Missing($"{part.Path}.type");
        switch (kind.String())
        {
            case "text":
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
