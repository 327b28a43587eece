using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Reads items of the Responses API, which were sent now or kept earlier, as the messages of a conversation.</summary>
/// <param name="anyResults">Whether results may be of calls that are not among the items.</param>
internal sealed class InputItems(bool anyResults = false)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly Dictionary<string, string> _callNames = new(StringComparer.Ordinal);
    private string? _thinking;

    /// <summary>The conversation so far.</summary>
    public ImmutableArray<ChatMessage> Messages => [.. _messages];

    /// <summary>Instructions, which are no item.</summary>
    public void AddInstructions(string text) => _messages.Add(new ChatMessage(ChatRole.System, text));

    /// <summary>One item.</summary>
    /// <exception cref="RejectedException">It is malformed, or of a type that is not honoured.</exception>
    public void Add(JsonField item)
    {
        var fields = item.Entries().ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        string type = fields.TryGetValue("type", out var kind) && !kind.IsNull ? kind.String() : "message";
        switch (type)
        {
            case "message":
                Only(fields, "type", "role", "content", "id", "status", "phase");
                AddMessage(item, fields);
                break;
            case "function_call":
                Only(fields, "type", "call_id", "name", "arguments", "id", "status");
                AddCall(Required(item, fields, "call_id"), Required(item, fields, "name"), Required(item, fields, "arguments").String());
                break;
            case "custom_tool_call":
                Only(fields, "type", "call_id", "name", "input", "id", "status");
                AddCall(Required(item, fields, "call_id"), Required(item, fields, "name"), CustomTools.Arguments(Required(item, fields, "input").String()));
                break;
            case "function_call_output" or "custom_tool_call_output":
                Only(fields, "type", "call_id", "output", "id", "status");
                AddResult(item, fields);
                break;
            case "reasoning":
                Only(fields, "type", "id", "summary", "content", "encrypted_content", "status");
                if (fields.TryGetValue("encrypted_content", out var secret) && !secret.IsNull)
                    throw secret.Unsupported($"'{secret.Path}'");
                _thinking = fields.TryGetValue("content", out var thoughts) && !thoughts.IsNull ? Text(thoughts) : null;
                break;
            default:
                throw kind.Refuse($"Items of type '{type}' are not supported by this server.", "unsupported_value");
        }
    }

    /// <summary>An item as it is kept: with an id and a status.</summary>
    /// <param name="item">The item.</param>
    /// <param name="newId">An id for an item of a kind, such as <c>msg</c>.</param>
    public static JsonNode Kept(JsonElement item, Func<string, string> newId)
    {
        var kept = JsonNode.Parse(item.GetRawText())!.AsObject();
        string type = (string?)kept["type"] ?? "message";
        kept["type"] = type;
        if (type == "message" && kept["content"] is JsonValue text)
        {
            bool said = (string?)kept["role"] == "assistant";
            kept["content"] = said
                ? new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = (string)text!, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() })
                : new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = (string)text! });
        }

        kept["id"] ??= newId(type switch { "function_call" => "fc", "function_call_output" => "fco", "custom_tool_call" => "ctc", "custom_tool_call_output" => "ctco", "reasoning" => "rs", _ => "msg" });
        if (type != "reasoning")
            kept["status"] ??= "completed";
        return kept;
    }

    private void AddMessage(JsonField item, Dictionary<string, JsonField> fields)
    {
        var role = Required(item, fields, "role");
        var speaker = role.String() switch
        {
            "system" => ChatRole.System,
            "developer" => ChatRole.Developer,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            var other => throw role.Refuse($"'{other}' is no role; the roles are 'user', 'assistant', 'system' and 'developer'.", "invalid_value"),
        };
        _messages.Add(new ChatMessage(speaker, Text(Required(item, fields, "content"), mayRefuse: speaker == ChatRole.Assistant))
        {
            Thinking = speaker == ChatRole.Assistant ? _thinking : null,
        });
        _thinking = null;
    }

    private void AddCall(JsonField id, JsonField name, string arguments)
    {
        var call = new ToolCall(id.String(), name.String(), arguments);
        _callNames[call.Id] = call.Name;
        // Calls behind what the model said belong to the same turn.
        if (_messages is [.., { Role: ChatRole.Assistant } last])
            _messages[^1] = last with { ToolCalls = last.ToolCalls.Add(call), Thinking = last.Thinking ?? _thinking };
        else
            _messages.Add(new ChatMessage(ChatRole.Assistant, "") { ToolCalls = [call], Thinking = _thinking });
        _thinking = null;
    }

    private void AddResult(JsonField item, Dictionary<string, JsonField> fields)
    {
        var id = Required(item, fields, "call_id");
        if (!_callNames.TryGetValue(id.String(), out string? name) && !anyResults)
            throw id.Refuse($"'{item.Path}' is the result of the call '{id.String()}', which no item before it makes.", "invalid_value");
        _messages.Add(new ChatMessage(ChatRole.Tool, Text(Required(item, fields, "output"))) { ToolCallId = id.String(), Name = name });
    }

    private static string Text(JsonField content, bool mayRefuse = false) => content.Value.ValueKind switch
    {
        JsonValueKind.String => content.String(),
        JsonValueKind.Array => string.Concat(content.Items(0).Select(part => Part(part, mayRefuse))),
        _ => throw content.WrongType("a string or an array of parts"),
    };

    private static string Part(JsonField part, bool mayRefuse)
    {
        JsonField? type = null, text = null, refusal = null, other = null;
        foreach (var (key, field) in part.Entries())
        {
            if (key == "type")
                type = field;
            else if (key == "text")
                text = field;
            else if (key == "refusal")
                refusal = field;
            else if (key is not ("annotations" or "logprobs" or "prompt_cache_breakpoint"))
                other ??= field;
        }

        var kind = type ?? throw JsonField.Missing($"{part.Path}.type");
        // What an assistant said when it refused is what it said.
        bool refuses = mayRefuse && kind.String() == "refusal";
        if (!refuses && kind.String() is not ("input_text" or "output_text" or "text" or "reasoning_text" or "summary_text"))
            throw kind.Refuse($"Content of type '{kind.String()}' is not supported by this server.", "unsupported_value");
        if ((other ?? (refuses ? text : refusal)) is { } strange)
            throw strange.Unknown();
        return ((refuses ? refusal : text) ?? throw JsonField.Missing($"{part.Path}.{(refuses ? "refusal" : "text")}")).String();
    }

    private static JsonField Required(JsonField item, Dictionary<string, JsonField> fields, string name) =>
        fields.TryGetValue(name, out var field) ? field : throw JsonField.Missing($"{item.Path}.{name}");

    private static void Only(Dictionary<string, JsonField> fields, params ReadOnlySpan<string> names)
    {
        foreach (var (name, field) in fields)
        {
            if (!names.Contains(name) && !field.IsNull)
                throw field.Unknown();
        }
    }
}
