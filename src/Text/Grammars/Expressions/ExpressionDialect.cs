namespace Causerie.Text.Grammars.Expressions;

/// <summary>What regular expressions mean where their notations differ.</summary>
public sealed record ExpressionDialect
{
    private static readonly CodePoints AsciiDigits = CodePoints.Of([('0', '9')]);
    private static readonly CodePoints AsciiWord = CodePoints.Of([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]);
    private static readonly CodePoints LineEnds = CodePoints.Of([('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)]);
    private static readonly CodePoints Spaces = CodePoints.Of(
        [('\t', '\r'), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]);

    /// <summary>ECMA-262, of which JSON Schema's patterns are made.</summary>
    public static ExpressionDialect Ecma { get; } = new()
    {
        Digits = AsciiDigits,
        NoDigits = AsciiDigits.Complement(),
        Word = AsciiWord,
        NoWord = AsciiWord.Complement(),
        Space = Spaces,
        NoSpace = Spaces.Complement(),
        Dot = LineEnds.Complement(),
    };

    /// <summary><c>\d</c>.</summary>
    public required CodePoints Digits { get; init; }

    /// <summary><c>\D</c>.</summary>
    public required CodePoints NoDigits { get; init; }

    /// <summary><c>\w</c>.</summary>
    public required CodePoints Word { get; init; }

    /// <summary><c>\W</c>.</summary>
    public required CodePoints NoWord { get; init; }

    /// <summary><c>\s</c>.</summary>
    public required CodePoints Space { get; init; }

    /// <summary><c>\S</c>.</summary>
    public required CodePoints NoSpace { get; init; }

    /// <summary><c>.</c></summary>
    public required CodePoints Dot { get; init; }

    /// <summary>Whether a letter stands for its other case, too.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>Whether what some notations read otherwise is refused by name, and so are anchors and lazy repetitions.</summary>
    public bool IsStrict { get; init; }
}
