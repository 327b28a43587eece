using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Json;

/// <summary>What a text must be: of a language, and so long.</summary>
/// <param name="Language">The texts.</param>
/// <param name="Least">The fewest code points.</param>
/// <param name="Most">The most; int.MaxValue for any number.</param>
public sealed record TextRule(Language Language, int Least, int Most)
{
    /// <summary>Any text.</summary>
    public static readonly TextRule Any = new(Language.Everything, 0, int.MaxValue);

    /// <summary>Whether every text will do.</summary>
    public bool IsAny => Least == 0 && Most == int.MaxValue && Language.IsEverything;

    /// <summary>Whether no text will do.</summary>
    public bool IsEmpty => Language.IsEmpty || Least > Most || !Language.CanEndWithin(0, Least, Most);

    /// <summary>Both rules.</summary>
    /// <exception cref="GrammarException">Together they need too many states.</exception>
    public TextRule And(TextRule other) => new(
        Language.IsEverything ? other.Language : other.Language.IsEverything ? Language : Language.Intersect(other.Language),
        Math.Max(Least, other.Least), Math.Min(Most, other.Most));

    /// <summary>Whether a text keeps the rule.</summary>
    public bool Holds(string text)
    {
        int length = text.EnumerateRunes().Count();
        return length >= Least && length <= Most && Language.Contains(text);
    }
}
