using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls as Python writes them, in a list: <c>[name(key=value), …]</c>.</summary>
/// <param name="Opener">What stands before.</param>
/// <param name="Closer">What stands behind.</param>
internal sealed record PythonCalls(string Opener, string Closer) : CallSyntax
{
    /// <summary>Whether they stand on lines of their own instead of in a list.</summary>
    public bool OnLines { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<string> Openers => [Opener];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => [Opener, Closer];

    /// <inheritdoc/>
    public override string Lead => Opener;

    /// <inheritdoc/>
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int wait = last ? -1 : 0;
        var values = new LooseValues(text, Opener.Length);
        var calls = new List<AnswerPiece.Call>();
        try
        {
            if (!OnLines && values.Take('[') is var list && list != true)
                return list is null ? wait : -1;
            while (true)
            {
                if (OnLines)
                {
                    bool? over = JsonScan.GoesOn(text, JsonScan.SkipSpace(text, values.At), Closer);
                    if (over == true || (over is null && last))
                        break;
                    if (over is null)
                        return 0;
                }
                else if (values.Take(']') is var closed && closed != false)
                {
                    if (closed is null)
                        return wait;
                    break;
                }
                else if (calls.Count > 0 && values.Take(',') != true)
                {
                    return -1;
                }
                if (values.Name() is not { } name || values.Take('(') is not { } open)
                    return wait;
                if (!open)
                    return -1;
                if (values.Object(')', '=') is not { } arguments)
                    return wait;
                calls.Add(new AnswerPiece.Call(name, arguments));
            }
        }
        catch (FormatException)
        {
            return -1;
        }
        int close = JsonScan.SkipSpace(text, values.At);
        bool? ends = JsonScan.GoesOn(text, close, Closer);
        if (calls.Count == 0 || (ends is null && !last))
            return calls.Count == 0 ? -1 : 0;
        into.AddRange(calls);
        return ends == true ? close + Closer.Length : values.At;
    }

    /// <inheritdoc/>
    public override Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        new LooseShape(OnLines ? Opener : Opener + "[", OnLines ? "\n" : ", ", OnLines ? Closer : "]" + Closer, '(', '=', ')')
            .Grammar(tools, parallel, spell);
}
