using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls that are a name between markers, then arguments in JSON.</summary>
/// <param name="Opener">Before the name; <see cref="ToolFamily.Beginning"/> where the name begins the answer.</param>
/// <param name="Separator">Between name and arguments.</param>
/// <param name="Closer">Behind the arguments, or nothing.</param>
internal sealed record NamedCalls(string Opener, string Separator, string Closer) : CallSyntax
{
    private const int LongestName = 256;
    private const string Functions = "functions.";

    /// <summary>What stands between the name and the call's id, where there is one.</summary>
    public string? IdMarker { get; init; }

    /// <summary>What stands before names and is no part of them.</summary>
    public string NamePrefix { get; init; } = "";

    /// <summary>Whether what stands in the place of the name is the call's id, <c>functions.NAME:NUMBER</c>.</summary>
    public bool NameIsId { get; init; }

    /// <summary>What may stand around the arguments.</summary>
    public (string Before, string Behind)? Fence { get; init; }

    /// <summary>Whether only names of tools that are there make a call.</summary>
    public bool OnlyKnown { get; init; }

    /// <summary>Around all calls, where they are enforced.</summary>
    public (string Opening, string Closing) Section { get; init; } = ("", "");

    /// <inheritdoc/>
    public override ImmutableArray<string> Openers => [Opener];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => [Opener, Separator, Closer, IdMarker ?? "", NamePrefix];

    /// <inheritdoc/>
    public override string Lead => Section.Opening.Length > 0 ? Section.Opening : Opener + NamePrefix;

    /// <inheritdoc/>
    public override int Begin(string text, ToolTypes tools, List<AnswerPiece> into, out OpenCall? open)
    {
        open = null;
        int begin = Head(text, tools, out string name, out string? id);
        if (begin <= 0 || begin >= text.Length)
            return Math.Min(begin, 0);
        if (text[begin] != '{' || !tools.Has(name))
            return -1;
        into.Add(new AnswerPiece.Call(name, "") { Id = id, IsWhole = false });
        open = new OpenNamedCall(this);
        return begin;
    }

    /// <inheritdoc/>
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int wait = last ? -1 : 0;
        int begin = Head(text, tools, out string name, out string? id);
        if (begin <= 0)
            return begin < 0 ? -1 : wait;
        int end = JsonScan.End(text, begin);
        if (end <= 0)
            return end < 0 ? -1 : wait;
        string arguments = text[begin..end];
        if (!JsonScan.IsValue(arguments))
            return -1;
        int close = Close(text, end, last);
        if (close < 0)
            return 0;
        into.Add(new AnswerPiece.Call(name, arguments) { Id = id });
        return close;
    }

    /// <summary>The place behind what closes a call, of which some models forget parts; −1 where more must come first.</summary>
    public int Close(string text, int end, bool last)
    {
        foreach (string closer in (ReadOnlySpan<string>)[Fence?.Behind.TrimStart() ?? "", Closer])
        {
            int close = JsonScan.SkipSpace(text, end);
            if (closer.Length == 0)
                continue;
            if (JsonScan.GoesOn(text, close, closer) is not { } there)
            {
                if (!last)
                    return -1;
                continue;
            }
            if (there)
                end = close + closer.Length;
        }
        return end;
    }

    /// <inheritdoc/>
    public override Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        new CallShape(Opener + (NameIsId ? Functions : NamePrefix), (NameIsId ? ":0" : "") + Separator + Fence?.Before, Fence?.Behind + Closer)
        {
            Opening = Section.Opening,
            Closing = Section.Closing,
            Between = Opener.Length == 0 ? null : "",
        }.Grammar(tools, parallel, spell);

    /// <summary>The place of the arguments; 0 where more must come first; −1 where it is no call.</summary>
    private int Head(string text, ToolTypes tools, out string name, out string? id)
    {
        (name, id) = ("", null);
        int nameEnd = text.IndexOf(Separator, Opener.Length, StringComparison.Ordinal);
        if ((nameEnd < 0 ? text.Length : nameEnd) - Opener.Length > LongestName)
            return -1;
        if (nameEnd < 0)
            return 0;
        name = text[Opener.Length..nameEnd];
        if (IdMarker is not null && name.IndexOf(IdMarker, StringComparison.Ordinal) is >= 0 and var at)
            (name, id) = (name[..at], name[(at + IdMarker.Length)..].Trim());
        name = name.Trim();
        if (NamePrefix.Length > 0 && name.StartsWith(NamePrefix, StringComparison.Ordinal))
            name = name[NamePrefix.Length..];
        if (NameIsId)
            (name, id) = OfId(name);
        if (name.Length is 0 or > LongestName || name.Any(char.IsWhiteSpace) || (OnlyKnown && !tools.Has(name)))
            return -1;
        int begin = JsonScan.SkipSpace(text, nameEnd + Separator.Length);
        if (Fence is not { } fence)
            return begin;
        return JsonScan.GoesOn(text, begin, fence.Before) is not { } fenced ? 0
            : fenced ? JsonScan.SkipSpace(text, begin + fence.Before.Length) : begin;
    }

    private static (string Name, string Id) OfId(string id)
    {
        string name = id.StartsWith(Functions, StringComparison.Ordinal) ? id[Functions.Length..] : id;
        int colon = name.LastIndexOf(':');
        return (colon > 0 && name.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..colon] : name, id);
    }
}
