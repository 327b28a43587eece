namespace Causerie.Text.Grammars.Lark;

/// <summary>A word of a grammar in Lark's notation.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is written; a text or pattern without its delimiters.</param>
/// <param name="At">Where it begins.</param>
internal readonly record struct LarkToken(LarkTokenKind Kind, string Text, int At)
{
    /// <summary>The letters behind a text or pattern.</summary>
    public string Flags { get; init; } = "";

    /// <summary>Whether it is a sign.</summary>
    public bool Is(string sign) => Kind == LarkTokenKind.Sign && Text == sign;
}

/// <summary>What a word of a grammar is.</summary>
internal enum LarkTokenKind
{
    /// <summary>The end of the grammar.</summary>
    End,

    /// <summary>One or more line breaks.</summary>
    Lines,

    /// <summary>The name of a rule or terminal.</summary>
    Name,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text between quotes.</summary>
    Text,

    /// <summary>A regular expression between slashes.</summary>
    Pattern,

    /// <summary>A word behind a percent sign.</summary>
    Directive,

    /// <summary>Anything else that is written: a bracket, a bar, an arrow.</summary>
    Sign,
}
