namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>What the patterns ask of a code point, as bits, so that one look-up answers all of them.</summary>
[Flags]
internal enum CharClass : byte
{
    /// <summary>Control, format, private or unassigned.</summary>
    None = 0,

    /// <summary><c>\p{L}</c>.</summary>
    Letter = 1,

    /// <summary><c>\p{N}</c>.</summary>
    Number = 2,

    /// <summary><c>\s</c>.</summary>
    White = 4,

    /// <summary><c>\p{P}</c>.</summary>
    Punctuation = 8,

    /// <summary><c>\p{S}</c>.</summary>
    Symbol = 16,

    /// <summary><c>\p{M}</c>.</summary>
    Mark = 32,

    /// <summary><c>\p{Lu}</c> or <c>\p{Lt}</c>.</summary>
    Upper = 64,

    /// <summary><c>\p{Ll}</c>.</summary>
    Lower = 128,
}
