using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Ledger.Receipts;

/// <summary>What a request says of tools and of the form of its answer, in a receipt: fields that are there where they say something.</summary>
internal static class ReceiptTools
{
    /// <summary>The optional fields of a request.</summary>
    public static readonly string[] RequestFields = ["prompt?", "suffix?", "grammar?", "tools?", "tool_choice?", "parallel_tool_calls?", "reasoning_effort?"];

    /// <summary>The optional fields of a message.</summary>
    public static readonly string[] MessageFields = ["thinking?", "tool_calls?", "tool_call_id?"];

    private static readonly string[] Modes = ["auto", "none", "required"];

    public static void Write(Utf8JsonWriter json, Receipt receipt)
    {
        if (receipt.Prompt is { } prompt)
            json.WriteString("prompt", Utf8(prompt));
        if (receipt.Suffix is { } suffix)
            json.WriteString("suffix", Utf8(suffix));
        if (receipt.Grammar is { } grammar)
            Write(json, "grammar", grammar);

        if (receipt.Tools.Length > 0)
        {
            json.WriteStartArray("tools");
            foreach (var tool in receipt.Tools)
            {
                json.WriteStartObject();
                json.WriteString("name", Utf8(tool.Name));
                json.WriteString("parameters", Utf8(tool.Parameters));
                if (tool.Description is { } description)
                    json.WriteString("description", Utf8(description));
                else
                    json.WriteNull("description");
                json.WriteBoolean("strict", tool.Strict);
                if (tool.Input is { } input)
                    Write(json, "input", input);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("tool_choice");
            json.WriteString("mode", Modes[(int)receipt.ToolChoice.Mode]);
            json.WriteStartArray("allowed");
            foreach (string name in receipt.ToolChoice.Allowed)
                json.WriteStringValue(Utf8(name));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteBoolean("parallel_tool_calls", receipt.ParallelToolCalls);
        }

        if (receipt.ReasoningEffort is { } effort)
            json.WriteString("reasoning_effort", Utf8(effort));
    }

    public static void Write(Utf8JsonWriter json, ChatMessage message)
    {
        if (message.Thinking is { } thinking)
            json.WriteString("thinking", Utf8(thinking));
        if (message.ToolCalls.Length > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var call in message.ToolCalls)
            {
                json.WriteStartObject();
                json.WriteString("id", Utf8(call.Id));
                json.WriteString("name", Utf8(call.Name));
                json.WriteString("arguments", Utf8(call.Arguments));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (message.ToolCallId is { } id)
            json.WriteString("tool_call_id", Utf8(id));
    }

    public static Receipt Read(ReceiptField request, Receipt receipt)
    {
        ImmutableArray<ChatTool> tools = request.Optional("tools") is { } list ? [.. list.Items().Select(Tool)] : [];
        var choice = request.Optional("tool_choice")?.Object("mode", "allowed");
        return receipt with
        {
            Prompt = request.Optional("prompt")?.String(),
            Suffix = request.Optional("suffix")?.String(),
            Grammar = Grammar(request.Optional("grammar")),
            Tools = tools,
            ToolChoice = choice is { } its ? new ToolChoice(Mode(its["mode"])) { Allowed = its["allowed"].Texts() } : ToolChoice.Auto,
            ParallelToolCalls = request.Optional("parallel_tool_calls")?.Boolean() ?? true,
            ReasoningEffort = request.Optional("reasoning_effort")?.String(),
        };
    }

    public static ChatMessage Read(ReceiptField message, ChatMessage read) => read with
    {
        Thinking = message.Optional("thinking")?.String(),
        ToolCallId = message.Optional("tool_call_id")?.String(),
        ToolCalls = message.Optional("tool_calls") is { } calls
            ? [.. calls.Items().Select(call => call.Object("id", "name", "arguments"))
                .Select(call => new ToolCall(call["id"].String(), call["name"].String(), call["arguments"].String()))]
            : [],
    };

    private static ChatTool Tool(ReceiptField tool)
    {
        tool.Object("name", "parameters", "description", "strict", "input?");
        string parameters = tool["parameters"].String();
        try
        {
            using var schema = JsonDocument.Parse(parameters);
        }
        catch (JsonException)
        {
            throw tool["parameters"].Refuse("is not JSON");
        }

        return new ChatTool(tool["name"].String(), parameters)
        {
            Description = tool["description"] is { IsNull: false } description ? description.String() : null,
            Strict = tool["strict"].Boolean(),
            Input = Grammar(tool.Optional("input")),
        };
    }

    private static AnswerGrammar? Grammar(ReceiptField? field) => field?.Object("kind", "source") is { } grammar
        ? new AnswerGrammar(grammar["kind"].String(), grammar["source"].String()) : null;

    private static void Write(Utf8JsonWriter json, string name, AnswerGrammar grammar)
    {
        json.WriteStartObject(name);
        json.WriteString("kind", Utf8(grammar.Kind));
        json.WriteString("source", Utf8(grammar.Source));
        json.WriteEndObject();
    }

    private static ToolMode Mode(ReceiptField mode) => Array.IndexOf(Modes, mode.String()) is >= 0 and var at
        ? (ToolMode)at : throw mode.Refuse("must be 'auto', 'none' or 'required'");

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
