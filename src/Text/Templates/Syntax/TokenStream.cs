using System.Runtime.CompilerServices;

namespace Causerie.Text.Templates.Syntax;

/// <summary>The tokens as the parser walks over them, with its guard against deep nesting.</summary>
internal sealed class TokenStream(List<Token> tokens, TemplateLimits limits)
{
    private int _depth;

    public int Position { get; private set; }

    public Token Current => tokens[Position];

    public Token Ahead => tokens[Math.Min(Position + 1, tokens.Count - 1)];

    public Token Previous => tokens[Position - 1];

    public Token Next()
    {
        var token = Current;
        if (Position < tokens.Count - 1)
            Position++;
        return token;
    }

    public bool Skip(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        Next();
        return true;
    }

    public bool SkipName(string name)
    {
        if (!Current.IsName(name))
            return false;
        Next();
        return true;
    }

    public Token Expect(string symbol) =>
        Current.Is(symbol) ? Next() : throw Unexpected($"'{symbol}'");

    public Token Expect(TokenKind kind) =>
        Current.Kind == kind ? Next() : throw Unexpected($"'{new Token(kind, kind.ToString().ToLowerInvariant(), 0)}'");

    public Token ExpectName(string name) => Current.IsName(name) ? Next() : throw Unexpected($"'{name}'");

    public TemplateException Unexpected(string expected) => new($"expected {expected}, got '{Current}'");

    public void Enter()
    {
        if (++_depth > limits.Nesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"The template nests deeper than {limits.Nesting} levels.");
    }

    public void Leave() => _depth--;

    /// <summary>The height of a node above the tallest of <paramref name="parts"/>.</summary>
    public int Above(params ReadOnlySpan<Expression?> parts)
    {
        int height = 0;
        foreach (var part in parts)
            height = Math.Max(height, part?.Height ?? 0);
        return height < limits.Nesting
            ? height + 1
            : throw new TemplateException($"An expression nests deeper than {limits.Nesting} levels.");
    }
}
