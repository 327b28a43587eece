using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Writes the parts of chat completions.</summary>
internal static class ChatJson
{
    /// <summary>The message of a whole answer.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="legacy">Whether its call goes by the older name <c>function_call</c>.</param>
    /// <param name="tools">What could be called.</param>
    public static void WriteMessage(Utf8JsonWriter json, ChatAnswer answer, bool legacy, ImmutableArray<ChatTool> tools)
    {
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        if (answer.Text.Length == 0 && answer.ToolCalls.Length > 0)
            json.WriteNull("content");
        else
            json.WriteString("content", answer.Text);
        json.WriteNull("refusal");
        if (answer.Thinking.Length > 0)
            json.WriteString("reasoning_content", answer.Thinking);
        if (legacy && answer.ToolCalls is [var call, ..])
            WriteFunction(json, "function_call", call.Name, call.Arguments);
        else if (answer.ToolCalls.Length > 0)
            WriteCalls(json, answer.ToolCalls, tools);
        json.WriteEndObject();
    }

    /// <summary>The piece of a call, in a delta.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="call">The piece.</param>
    /// <param name="legacy">Whether calls go by the older name <c>function_call</c>.</param>
    /// <param name="isCustom">Whether the tool is called with a text.</param>
    public static void WriteDelta(Utf8JsonWriter json, ChatToolCall call, bool legacy, bool isCustom)
    {
        if (legacy)
        {
            WriteFunction(json, "function_call", call.Name, call.Arguments);
            return;
        }

        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", call.Index);
        if (call.Name is not null)
        {
            json.WriteString("id", call.Id);
            json.WriteString("type", isCustom ? "custom" : "function");
        }

        if (isCustom)
            WriteInput(json, call.Name, call.Arguments);
        else
            WriteFunction(json, "function", call.Name, call.Arguments);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>Probabilities of tokens, or null where none are told.</summary>
    public static void WriteLogProbs(Utf8JsonWriter json, ImmutableArray<TokenLogProb> tokens, bool told)
    {
        if (!told)
        {
            json.WriteNull("logprobs");
            return;
        }

        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (var token in tokens)
            WriteToken(json, token);

        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }

    /// <summary>A token with its probability and those of others in its place.</summary>
    public static void WriteToken(Utf8JsonWriter json, TokenLogProb token)
    {
        json.WriteStartObject();
        Write(json, token);
        json.WriteStartArray("top_logprobs");
        foreach (var other in token.Top)
        {
            json.WriteStartObject();
            Write(json, other);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What the answers to one prompt used.</summary>
    public static void WriteUsage(Utf8JsonWriter json, string name, ImmutableArray<TokenUsage> usages)
    {
        int prompt = usages[0].PromptTokens;
        int completion = usages.Sum(usage => usage.CompletionTokens);
        json.WriteStartObject(name);
        json.WriteNumber("prompt_tokens", prompt);
        json.WriteNumber("completion_tokens", completion);
        json.WriteNumber("total_tokens", prompt + completion);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usages[0].CachedTokens);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usages.Sum(usage => usage.ThinkingTokens));
        json.WriteNumber("accepted_prediction_tokens", usages.Sum(usage => usage.AcceptedPredictionTokens));
        json.WriteNumber("rejected_prediction_tokens", usages.Sum(usage => usage.RejectedPredictionTokens));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>OpenAI's name of why an answer ended.</summary>
    public static string Name(FinishReason reason, bool legacy = false) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls when legacy => "function_call",
        FinishReason.ToolCalls => "tool_calls",
        _ => "stop",
    };

    private static void WriteCalls(Utf8JsonWriter json, ImmutableArray<ToolCall> calls, ImmutableArray<ChatTool> tools)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            bool isCustom = CustomCalls.IsCustom(tools, call.Name);
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", isCustom ? "custom" : "function");
            if (isCustom)
                WriteInput(json, call.Name, CustomInputReader.Of(call.Arguments));
            else
                WriteFunction(json, "function", call.Name, call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFunction(Utf8JsonWriter json, string property, string? name, string arguments)
    {
        json.WriteStartObject(property);
        if (name is not null)
            json.WriteString("name", name);
        json.WriteString("arguments", arguments);
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, string? name, string input)
    {
        json.WriteStartObject("custom");
        if (name is not null)
            json.WriteString("name", name);
        json.WriteString("input", input);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TokenLogProb token)
    {
        byte[] bytes = [.. token.Bytes];
        json.WriteString("token", Encoding.UTF8.GetString(bytes));
        json.WriteNumber("logprob", Math.Max(token.LogProb, -9999));
        json.WriteStartArray("bytes");
        foreach (byte one in bytes)
            json.WriteNumberValue(one);
        json.WriteEndArray();
    }
}
