using System.Globalization;
using System.Text;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Lark;

/// <summary>Reads texts and patterns of Lark's notation.</summary>
internal static class LarkLiterals
{
    private const string PatternFlags = "imslux";

    /// <summary>A text between quotes.</summary>
    public static Expression Text(LarkSource source, LarkToken word)
    {
        if (word.Flags is not ("" or "i"))
            throw source.Fault(word.At, $"a text has the flag 'i' or none, not '{word.Flags}'");
        return new Expression.Sequence([.. Points(source, word).Select(code => (Expression)new Expression.Set(Cased(CodePoints.Of(code), word)))]);
    }

    /// <summary>The code points from one text of one code point to another.</summary>
    public static Expression Range(LarkSource source, LarkToken low, LarkToken high)
    {
        foreach (var end in (ReadOnlySpan<LarkToken>)[low, high])
        {
            if (end.Kind != LarkTokenKind.Text || end.Flags.Length > 0 || Points(source, end).Count != 1)
                throw source.Fault(end.At, "a range goes from a text of one character to another");
        }
        int first = Points(source, low)[0], last = Points(source, high)[0];
        return first <= last ? new Expression.Set(CodePoints.Of([(first, last)])) : throw source.Fault(low.At, "a range is the wrong way round");
    }

    /// <summary>A regular expression between slashes.</summary>
    public static Expression Pattern(LarkSource source, LarkToken word)
    {
        foreach (char flag in word.Flags)
        {
            if (!PatternFlags.Contains(flag, StringComparison.Ordinal))
                throw source.Fault(word.At, $"'{flag}' is no flag of a pattern");
            if (flag is 'x' or 'l')
                throw source.Fault(word.At, $"the flag '{flag}' of a pattern cannot be enforced");
        }
        var dialect = LarkDialect.Only with
        {
            Dot = word.Flags.Contains('s', StringComparison.Ordinal) ? CodePoints.All : LarkDialect.Only.Dot,
            IgnoresCase = word.Flags.Contains('i', StringComparison.Ordinal),
        };
        try
        {
            return ExpressionParser.Parse(word.Text, dialect);
        }
        catch (GrammarException e)
        {
            throw source.Fault(word.At, e.Message.TrimEnd('.'), e);
        }
    }

    private static CodePoints Cased(CodePoints points, LarkToken word) => word.Flags.Length > 0 ? points.WithCases() : points;

    private static List<int> Points(LarkSource source, LarkToken word)
    {
        var points = new List<int>();
        string text = word.Text;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] != '\\')
            {
                if (!Rune.TryGetRuneAt(text, at, out var rune))
                    throw source.Fault(word.At + 1 + at, "half of a surrogate pair");
                points.Add(rune.Value);
                at += rune.Utf16SequenceLength;
                continue;
            }
            char kind = at + 1 < text.Length ? text[at + 1] : '\0';
            int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            points.Add(kind switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'f' => '\f',
                '"' or '\\' => kind,
                'x' or 'u' or 'U' => Hex(at + 2, digits),
                // Lark takes a backslash before another letter for a backslash, others for a fault.
                _ => throw source.Fault(word.At + 1 + at, $"'\\{kind}' means nothing in a text"),
            });
            at += 2 + digits;
        }
        return points;

        int Hex(int at, int digits) =>
            at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            && Rune.IsValid(code) ? code : throw source.Fault(word.At + 1 + at, $"an escape wants the {digits} hexadecimal digits of a code point");
    }
}
