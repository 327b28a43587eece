using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls whose arguments stand one by one between tags, texts without quotes.</summary>
/// <param name="Opener">Before the name.</param>
/// <param name="NameEnd">Behind it.</param>
/// <param name="Closer">Behind the call.</param>
internal sealed record TaggedCalls(string Opener, string NameEnd, string Closer) : CallSyntax
{
    private const int LongestName = 256;

    private static readonly SearchValues<char> NoName = SearchValues.Create("<>{}\n\"");

    /// <summary>Before an argument's name.</summary>
    public required string KeyOpener { get; init; }

    /// <summary>Between its name and its value.</summary>
    public required string KeyEnd { get; init; }

    /// <summary>Before its value, where it has a tag of its own.</summary>
    public string ValueOpener { get; init; } = "";

    /// <summary>Behind its value.</summary>
    public required string ValueEnd { get; init; }

    /// <summary>Around each call, where it is enforced.</summary>
    public (string Opening, string Closing) Around { get; init; } = ("", "");

    /// <summary>Around all calls, where they are enforced.</summary>
    public (string Opening, string Closing) Section { get; init; } = ("", "");

    /// <summary>Whether a line break at either end of a value belongs to the tags.</summary>
    public bool OnLines { get; init; } = true;

    /// <inheritdoc/>
    public override ImmutableArray<string> Openers => [Opener];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => [Opener, NameEnd, Closer, KeyOpener, KeyEnd, ValueOpener, ValueEnd];

    /// <inheritdoc/>
    public override string Lead => (Section.Opening + Around.Opening + Opener).Split('\n')[0];

    /// <inheritdoc/>
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int wait = last ? -1 : 0;
        int nameEnd = EndOfName(text, Opener.Length);
        if (nameEnd < 0)
            return text.Length - Opener.Length > LongestName ? -1 : wait;
        string name = text[Opener.Length..nameEnd].Trim();
        if (name.Length is 0 or > LongestName || name.AsSpan().ContainsAny(NoName))
            return -1;
        int at = nameEnd + (text.AsSpan(nameEnd).StartsWith(NameEnd) ? NameEnd.Length : 0);
        var arguments = new List<(string Key, string Json)>();
        while (true)
        {
            at = JsonScan.SkipSpace(text, at);
            if (JsonScan.GoesOn(text, at, Closer) is var closed && closed == true)
            {
                into.Add(new AnswerPiece.Call(name, ToObject(arguments)));
                return at + Closer.Length;
            }
            if (JsonScan.GoesOn(text, at, KeyOpener) is var keyed && keyed != true)
                return closed is null || keyed is null ? wait : -1;
            at += KeyOpener.Length;
            int keyEnd = text.IndexOf(KeyEnd, at, StringComparison.Ordinal);
            if (keyEnd < 0)
                return wait;
            string key = text[at..keyEnd];
            bool? isText = null;
            // <parameter name="k" string="true">: the tag itself tells.
            if (KeyEnd == ">" && key.IndexOf("\" string=\"", StringComparison.Ordinal) is > 0 and var quote)
                (key, isText) = (key[..quote], key.Contains("string=\"true\"", StringComparison.Ordinal));
            key = key.TrimEnd('"').Trim();
            int value = keyEnd + KeyEnd.Length;
            if (ValueOpener.Length > 0)
            {
                value = JsonScan.SkipSpace(text, value);
                if (JsonScan.GoesOn(text, value, ValueOpener) is var opened && opened != true)
                    return opened is null ? wait : -1;
                value += ValueOpener.Length;
            }
            int valueEnd = EndOfValue(text, value, out int behind);
            if (valueEnd < 0)
                return wait;
            string raw = Trimmed(text[value..valueEnd]);
            arguments.Add((key, isText == true ? JsonSerializer.Serialize(raw, JsonScan.Relaxed) : tools.ToJson(name, key, raw)));
            at = behind;
        }
    }

    /// <inheritdoc/>
    public override Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        TaggedGrammar.Of(this, tools, parallel, spell);

    private int EndOfName(string text, int from)
    {
        int end = text.IndexOf(NameEnd, from, StringComparison.Ordinal);
        if (NameEnd != "\n")
            return end;
        // The name stands alone: what follows it is a line break or the next tag.
        int tag = text.IndexOf('<', from);
        return end < 0 || (tag >= 0 && tag < end) ? tag : end;
    }

    private int EndOfValue(string text, int from, out int behind)
    {
        if (text.AsSpan(from).StartsWith("<![CDATA["))
        {
            int cdata = text.IndexOf("]]>" + ValueEnd, from, StringComparison.Ordinal);
            behind = cdata + 3 + ValueEnd.Length;
            return cdata;
        }
        int end = text.IndexOf(ValueEnd, from, StringComparison.Ordinal);
        behind = end + ValueEnd.Length;
        return end;
    }

    private string Trimmed(string value)
    {
        if (value.StartsWith("<![CDATA[", StringComparison.Ordinal))
            return value["<![CDATA[".Length..];
        if (!OnLines)
            return value;
        if (value.StartsWith('\n'))
            value = value[1..];
        else
            return value;
        return value.EndsWith('\n') ? value[..^1] : value;
    }

    private static string ToObject(List<(string Key, string Json)> arguments)
    {
        var json = new StringBuilder("{");
        foreach (var (key, value) in arguments)
        {
            if (json.Length > 1)
                json.Append(", ");
            json.Append(JsonSerializer.Serialize(key, JsonScan.Relaxed)).Append(": ").Append(value);
        }
        return json.Append('}').ToString();
    }
}
