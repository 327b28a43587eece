namespace Causerie.Text.Grammars.Expressions;

/// <summary>A regular expression over code points, as a tree.</summary>
public abstract record Expression
{
    /// <summary>The empty text.</summary>
    public static readonly Expression Empty = new Sequence([]);

    /// <summary>Any text whatever.</summary>
    public static readonly Expression Anything = new Repeat(new Set(CodePoints.All), 0, null);

    /// <summary>A text word for word.</summary>
    public static Expression Literal(string text) =>
        new Sequence([.. text.EnumerateRunes().Select(rune => (Expression)new Set(CodePoints.Of(rune.Value)))]);

    /// <summary>One code point of a set.</summary>
    public sealed record Set(CodePoints Points) : Expression;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(IReadOnlyList<Expression> Parts) : Expression;

    /// <summary>One of them.</summary>
    public sealed record Choice(IReadOnlyList<Expression> Alternatives) : Expression;

    /// <summary>Some times the same; null is without end.</summary>
    public sealed record Repeat(Expression Body, int Least, int? Most) : Expression;

    /// <summary>The beginning of the text.</summary>
    public sealed record Start : Expression;

    /// <summary>The end of the text.</summary>
    public sealed record End : Expression;
}
