namespace Causerie.Text.Templates.Syntax;

/// <summary>A piece of the source; <paramref name="At"/> is its offset in it.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int At)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public override string ToString() => Kind switch
    {
        TokenKind.Data => "template text",
        TokenKind.End => "end of template",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.Name or TokenKind.Symbol => Text,
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Symbol,
    End,
}
