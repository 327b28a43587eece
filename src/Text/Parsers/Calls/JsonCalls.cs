using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls that are JSON objects with a name and arguments, alone or in a list, perhaps between tags.</summary>
/// <param name="Opener">What stands before; <see cref="ToolFamily.Beginning"/> where the object itself begins the answer.</param>
/// <param name="Closer">What stands behind, or nothing.</param>
internal sealed record JsonCalls(string Opener, string Closer) : CallSyntax
{
    /// <summary>How an enforced call is written.</summary>
    public CallShape? Shape { get; init; }

    /// <summary>Calls in a list between an opener and a closer.</summary>
    public static JsonCalls List(string opener, string closer) => new(opener, closer)
    {
        Shape = new CallShape("{\"name\": \"", "\", \"arguments\": ", "}") { Opening = opener + "[", Between = ", ", Closing = "]" + closer },
    };

    /// <summary>Whether an object's only key is the name and its value the arguments.</summary>
    public bool Keyed { get; init; }

    /// <summary>Whether the call's id stands behind its arguments, so that nothing of it can be told before it is whole.</summary>
    public bool IdBehind { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<string> Openers => [Opener];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => [Opener, Closer];

    /// <inheritdoc/>
    public override string Lead => Shape is null ? Opener : Opener.Length > 0 ? Opener : Shape.Opening + Shape.Begin;

    /// <inheritdoc/>
    public override int Begin(string text, ToolTypes tools, List<AnswerPiece> into, out OpenCall? open)
    {
        open = null;
        if (IdBehind)
            return -1;
        int begin = JsonScan.SkipSpace(text, Opener.Length);
        bool isList = begin < text.Length && text[begin] == '[';
        int head = JsonHead.Read(text, isList ? JsonScan.SkipSpace(text, begin + 1) : begin, Keyed, tools, out var call);
        if (head <= 0)
            return head;
        into.Add(call!);
        open = new OpenJsonCalls(this, tools, isList);
        return head;
    }

    /// <inheritdoc/>
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int begin = JsonScan.SkipSpace(text, Opener.Length);
        int end = JsonScan.End(text, begin);
        if (end <= 0)
            return end < 0 || last ? -1 : 0;
        if (ReadCalls(text[begin..end], tools) is not { Count: > 0 } calls)
            return -1;
        int close = Close(text, end, last);
        if (close < 0)
            return 0;
        into.AddRange(calls);
        return close;
    }

    /// <summary>The place behind the closer, which some models forget; −1 where more must come first.</summary>
    public int Close(string text, int end, bool last)
    {
        int close = JsonScan.SkipSpace(text, end);
        bool? closed = Closer.Length == 0 ? false : JsonScan.GoesOn(text, close, Closer);
        return closed == true ? close + Closer.Length : closed is null && !last ? -1 : end;
    }

    /// <inheritdoc/>
    public override Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        (Shape ?? new CallShape(Opener + "\n{\"name\": \"", "\", \"arguments\": ", "}\n" + Closer) { Between = "\n" })
            .Grammar(tools, parallel, spell);

    /// <summary>The calls of an object or a list; null where one is no call.</summary>
    public List<AnswerPiece.Call>? ReadCalls(string json, ToolTypes tools)
    {
        if (JsonScan.TryParse(json) is not { } value)
            return null;
        var calls = new List<AnswerPiece.Call>();
        foreach (var one in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            if (one.ValueKind != JsonValueKind.Object || ReadCall(one, tools) is not { } call)
                return null;
            calls.Add(call);
        }
        return calls;
    }

    private AnswerPiece.Call? ReadCall(JsonElement value, ToolTypes tools)
    {
        if (Keyed)
        {
            foreach (var only in value.EnumerateObject())
                return tools.Has(only.Name) ? new AnswerPiece.Call(only.Name, Arguments(only.Value)) : null;
            return null;
        }
        // Some put all of it one level down, as OpenAI's API does.
        if (value.TryGetProperty("function", out var inner) && inner.ValueKind == JsonValueKind.Object)
            return ReadCall(inner, tools) is { } nested ? nested with { Id = Text(value, JsonHead.IdKeys) } : null;
        if (Text(value, JsonHead.NameKeys) is not { Length: > 0 } name || (Opener.Length == 0 && !tools.Has(name)))
            return null;
        string arguments = "{}";
        foreach (string key in JsonHead.ArgumentKeys)
        {
            if (!value.TryGetProperty(key, out var its))
                continue;
            arguments = Arguments(its);
            break;
        }
        return new AnswerPiece.Call(name, arguments) { Id = Text(value, JsonHead.IdKeys) };
    }

    // Some write the arguments as a text that holds JSON.
    private static string Arguments(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && JsonScan.IsValue(value.GetString()!) ? value.GetString()! : value.GetRawText();

    private static string? Text(JsonElement value, string[] keys)
    {
        foreach (string key in keys)
        {
            if (value.TryGetProperty(key, out var text) && text.ValueKind == JsonValueKind.String)
                return text.GetString();
        }
        return null;
    }
}
