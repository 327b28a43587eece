using System.Text;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>One item of a response's output while it grows: thinking, a message or a call.</summary>
/// <param name="kind">What it is.</param>
/// <param name="index">Its place in the output.</param>
/// <param name="response">The response's id.</param>
internal sealed class OutputItem(OutputKind kind, int index, string response)
{
    private readonly StringBuilder _text = new();
    private readonly List<TokenLogProb> _logProbs = [];

    /// <summary>What it is.</summary>
    public OutputKind Kind => kind;

    /// <summary>Its place in the output.</summary>
    public int Index => index;

    /// <summary>Its id.</summary>
    public string Id { get; } = ResponseId.Of(
        kind switch
        {
            OutputKind.Reasoning => "rs",
            OutputKind.Call => "fc",
            OutputKind.CustomCall => "ctc",
            _ => "msg",
        },
        response,
        $"output {index}");

    /// <summary>Which call it is; empty where it is none.</summary>
    public (string Id, string Name) Call { get; init; } = ("", "");

    /// <summary>Whether it is a call.</summary>
    public bool IsCall => kind is OutputKind.Call or OutputKind.CustomCall;

    /// <summary>What the API's events call its text.</summary>
    public string Told => kind switch
    {
        OutputKind.Reasoning => "reasoning_text",
        OutputKind.Message => "output_text",
        OutputKind.CustomCall => "custom_tool_call_input",
        _ => "function_call_arguments",
    };

    /// <summary>The text, or a call's arguments.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes the next piece.</summary>
    public void Add(string piece, IEnumerable<TokenLogProb> logProbs)
    {
        _text.Append(piece);
        _logProbs.AddRange(logProbs);
    }

    /// <summary>The item as it stands.</summary>
    public void Write(Utf8JsonWriter json, string status)
    {
        bool begun = status != "in_progress";
        json.WriteStartObject();
        json.WriteString("id", Id);
        switch (kind)
        {
            case OutputKind.Reasoning:
                json.WriteString("type", "reasoning");
                json.WriteStartArray("summary");
                json.WriteEndArray();
                json.WriteStartArray("content");
                if (begun)
                    WritePart(json, Text);
                json.WriteEndArray();
                break;
            case OutputKind.Message:
                json.WriteString("type", "message");
                json.WriteString("status", status);
                json.WriteString("role", "assistant");
                json.WriteStartArray("content");
                if (begun)
                    WritePart(json, Text);
                json.WriteEndArray();
                break;
            default:
                json.WriteString("type", kind == OutputKind.Call ? "function_call" : "custom_tool_call");
                json.WriteString("status", status);
                json.WriteString("call_id", Call.Id);
                json.WriteString("name", Call.Name);
                json.WriteString(kind == OutputKind.Call ? "arguments" : "input", begun ? Text : "");
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>The part that holds the text.</summary>
    public void WritePart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", kind == OutputKind.Reasoning ? "reasoning_text" : "output_text");
        json.WriteString("text", text);
        if (kind == OutputKind.Message)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            WriteLogProbs(json, text.Length > 0 ? _logProbs : []);
        }

        json.WriteEndObject();
    }

    /// <summary>The probabilities of tokens.</summary>
    public static void WriteLogProbs(Utf8JsonWriter json, IEnumerable<TokenLogProb> logProbs)
    {
        json.WriteStartArray("logprobs");
        foreach (var token in logProbs)
            ChatJson.WriteToken(json, token);
        json.WriteEndArray();
    }
}

/// <summary>What an item of a response's output is.</summary>
internal enum OutputKind
{
    /// <summary>What the model thought.</summary>
    Reasoning,

    /// <summary>What it says.</summary>
    Message,

    /// <summary>A function that it calls.</summary>
    Call,

    /// <summary>A tool that it calls with a text.</summary>
    CustomCall,
}
