using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>Calls as Gemma 4 writes them: <c>call:name{key:value}</c> with texts between marks of their own.</summary>
/// <param name="Opener">What stands before the name.</param>
/// <param name="Quote">What stands on both sides of a text.</param>
/// <param name="Closer">What stands behind.</param>
internal sealed record BracedCalls(string Opener, string Quote, string Closer) : CallSyntax
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Openers => [Opener];

    /// <inheritdoc/>
    public override IEnumerable<string> Markers => [Opener, Quote, Closer];

    /// <inheritdoc/>
    public override string Lead => Opener;

    /// <inheritdoc/>
    public override int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into)
    {
        int wait = last ? -1 : 0;
        var values = new LooseValues(text, Opener.Length, Quote);
        try
        {
            if (values.Name() is not { } name || values.Take('{') is not { } open)
                return wait;
            if (!open)
                return -1;
            if (values.Object('}') is not { } arguments)
                return wait;
            bool? ends = JsonScan.GoesOn(text, values.At, Closer);
            if (ends is null && !last)
                return 0;
            into.Add(new AnswerPiece.Call(name, arguments));
            return values.At + (ends == true ? Closer.Length : 0);
        }
        catch (FormatException)
        {
            return -1;
        }
    }

    /// <inheritdoc/>
    public override Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell) =>
        new LooseShape(Opener, Closer + Opener, Closer, '{', ':', '}') { Quote = Quote }.Grammar(tools, parallel, spell);
}
