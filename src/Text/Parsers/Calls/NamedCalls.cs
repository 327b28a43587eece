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
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int wait = last ? -1 : 0;
        int nameEnd = text.IndexOf(Separator, Opener.Length, StringComparison.Ordinal);
        if (nameEnd < 0)
            return text.Length - Opener.Length > LongestName ? -1 : wait;
        string name = text[Opener.Length..nameEnd];
        string? id = null;
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
        if (Fence is { } fence)
        {
            if (JsonScan.GoesOn(text, begin, fence.Before) is not { } fenced)
                return wait;
            if (fenced)
                begin = JsonScan.SkipSpace(text, begin + fence.Before.Length);
        }
        int end = JsonScan.End(text, begin);
        if (end <= 0)
            return end < 0 ? -1 : wait;
        string arguments = text[begin..end];
        if (!JsonScan.IsValue(arguments))
            return -1;
        foreach (string closer in (ReadOnlySpan<string>)[Fence?.Behind.TrimStart() ?? "", Closer])
        {
            int close = JsonScan.SkipSpace(text, end);
            if (closer.Length == 0)
                continue;
            if (JsonScan.GoesOn(text, close, closer) is not { } there)
            {
                if (!last)
                    return 0;
                continue;
            }
            if (there)
                end = close + closer.Length;
        }
        into.Add(new AnswerPiece.Call(name, arguments) { Id = id });
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

    private static (string Name, string Id) OfId(string id)
    {
        string name = id.StartsWith(Functions, StringComparison.Ordinal) ? id[Functions.Length..] : id;
        int colon = name.LastIndexOf(':');
        return (colon > 0 && name.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..colon] : name, id);
    }
}
