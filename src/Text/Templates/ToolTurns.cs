using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Text.Templates;

/// <summary>Tools, calls and their results, as chat templates want them.</summary>
internal static class ToolTurns
{
    private const int ShortId = 9; // Mistral's templates refuse other lengths

    /// <summary>The tools as OpenAI's API writes them, which is what templates were written for.</summary>
    public static JsonArray List(ImmutableArray<ChatTool> tools) =>
    [
        .. tools.Select(tool =>
        {
            var function = new JsonObject { ["name"] = tool.Name };
            if (tool.Description is { } description)
                function["description"] = description;
            function["parameters"] = JsonNode.Parse(tool.Parameters);
            return new JsonObject { ["type"] = "function", ["function"] = function };
        }),
    ];

    /// <summary>Adds what a message has of calls, results and thinking.</summary>
    public static void Add(JsonObject json, ChatMessage message, ChatTemplate template)
    {
        if (message.Thinking is { Length: > 0 } thinking)
        {
            json["reasoning_content"] = thinking;
            json["thinking"] = thinking;
        }
        if (message.ToolCallId is { } id)
            json["tool_call_id"] = IdFor(template, id);
        if (message.ToolCalls.Length == 0)
            return;
        bool objects = template.TakesArgumentObjects;
        json["tool_calls"] = new JsonArray([.. message.ToolCalls.Select(call => new JsonObject
        {
            ["id"] = IdFor(template, call.Id),
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = call.Name,
                ["arguments"] = objects && AsObject(call.Arguments) is { } its ? its : call.Arguments,
            },
        })]);
    }

    /// <summary>Whether an object of arguments comes out as JSON.</summary>
    public static bool ProbeArgumentObjects(ChatTemplate template)
    {
        const string value = "Argument-5b1e";
        var call = new JsonObject
        {
            ["id"] = "123456789",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = "probe", ["arguments"] = new JsonObject { ["key"] = value } },
        };
        var variables = new JsonObject
        {
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = "Question" },
                new JsonObject { ["role"] = "assistant", ["content"] = "", ["tool_calls"] = new JsonArray(call) },
                new JsonObject { ["role"] = "tool", ["tool_call_id"] = "123456789", ["name"] = "probe", ["content"] = "Result" },
                new JsonObject { ["role"] = "user", ["content"] = "Another" }),
            ["tools"] = List([new ChatTool("probe", """{"type":"object","properties":{"key":{"type":"string"}}}""")]),
            ["add_generation_prompt"] = true,
            ["bos_token"] = "",
            ["eos_token"] = "",
        };
        try
        {
            string text = template.Render(variables, DateTime.UnixEpoch);
            int at = text.IndexOf(value, StringComparison.Ordinal);
            return at > 0 && text[at - 1] != '\''; // Python's way of writing an object is nobody's JSON
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    private static JsonNode? AsObject(string arguments)
    {
        try
        {
            return JsonNode.Parse(arguments) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string IdFor(ChatTemplate template, string id)
    {
        if (id.Length == ShortId || !template.Source.Contains("length 9", StringComparison.Ordinal))
            return id;
        string letters = new([.. id.Where(char.IsAsciiLetterOrDigit)]);
        return letters.Length >= ShortId ? letters[^ShortId..] : letters.PadLeft(ShortId, '0');
    }
}
