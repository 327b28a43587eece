using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Kinds of code points, each holding those of the kind before it: whole branches of the tree are of the first few.</summary>
internal static class PlainText
{
    private static readonly CodePoints Small = CodePoints.Of([('a', 'z')]);
    private static readonly CodePoints Letters = Small.Union(CodePoints.Of([('A', 'Z')]));
    private static readonly CodePoints Word = Letters.Union(CodePoints.Of([('0', '9')]));
    private static readonly CodePoints Printed = CodePoints.Of([(' ', '!'), ('#', '['), (']', '~')]);
    private static readonly CodePoints Foreign = Printed.Union(CodePoints.Of([(0x80, 0x10FFFF)]));

    /// <summary>The kinds, the narrowest first.</summary>
    public static IReadOnlyList<CodePoints> Kinds { get; } = [Small, Letters, Word, Printed, Foreign];

    private static readonly byte[] OfAscii = [.. Enumerable.Range(0, 0x80).Select(code => (byte)KindOf(code, code))];

    /// <summary>The narrowest kind that has a code point; the number of kinds where none has.</summary>
    public static int KindOf(int code) => code < OfAscii.Length ? OfAscii[code] : Kinds.Count - 1;

    /// <summary>The narrowest kind that has a code point from one to another, ends included; the number of kinds where none has.</summary>
    public static int KindOf(int low, int high)
    {
        int kind = 0;
        while (kind < Kinds.Count && !Kinds[kind].Overlaps(low, high))
            kind++;
        return kind;
    }
}
