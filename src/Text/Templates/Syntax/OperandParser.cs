using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>What operators stand between: literals, names, parentheses, and the calls and subscripts behind them.</summary>
internal sealed class OperandParser(TokenStream tokens, Names names, ExpressionParser expressions)
{
    public Expression Primary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Next();
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.At, BoolValue.True),
                    "false" or "False" => new Literal(token.At, BoolValue.False),
                    "none" or "None" => new Literal(token.At, NoneValue.Instance),
                    _ => new NameReference(token.At, token.Text, names.Use(token.Text)),
                };
            case TokenKind.String:
                string text = tokens.Next().Text;
                while (tokens.Current.Kind == TokenKind.String)
                    text += tokens.Next().Text;
                return new Literal(token.At, new StringValue(text));
            case TokenKind.Integer:
                return new Literal(token.At, NumberLiteral.Integer(tokens.Next().Text));
            case TokenKind.Float:
                return new Literal(token.At, NumberLiteral.Real(tokens.Next().Text));
        }

        if (token.Is("["))
            return List();
        if (token.Is("{"))
            return Dict();
        if (!tokens.Skip("("))
            throw new TemplateException($"unexpected '{token}'");
        tokens.Enter();
        var inner = expressions.Tuple(parenthesised: true);
        tokens.Leave();
        tokens.Expect(")");
        return inner;
    }

    public CallArguments Arguments()
    {
        int at = tokens.Expect("(").At;
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? morePositional = null, moreNamed = null;
        while (!tokens.Current.Is(")"))
        {
            if (positional.Count + named.Count > 0 || morePositional is not null || moreNamed is not null)
            {
                tokens.Expect(",");
                if (tokens.Current.Is(")"))
                    break;
            }

            bool valid = moreNamed is null;
            if (tokens.Skip("*"))
            {
                valid &= morePositional is null;
                morePositional = expressions.Single();
            }
            else if (tokens.Skip("**"))
            {
                moreNamed = expressions.Single();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead.Is("="))
            {
                string name = tokens.Next().Text;
                tokens.Next();
                if (named.Any(n => n.Item1 == name))
                    throw new TemplateException($"keyword argument repeated: {name}");
                named.Add((name, expressions.Single()));
            }
            else
            {
                valid &= morePositional is null && named.Count == 0;
                positional.Add(expressions.Single());
            }

            if (!valid)
                throw new TemplateException("invalid syntax for function call expression");
        }

        tokens.Expect(")");
        Expression?[] all = [.. positional, .. named.Select(n => n.Item2), morePositional, moreNamed];
        return new CallArguments([.. positional], [.. named], morePositional, moreNamed) { Height = tokens.Above(all) };
    }

    public Expression Postfix(Expression node)
    {
        while (tokens.Current.Kind == TokenKind.Symbol)
        {
            if (tokens.Current.Is("."))
                node = Attribute(node);
            else if (tokens.Current.Is("["))
                node = Subscript(node);
            else if (tokens.Current.Is("("))
                node = Call(node);
            else
                break;
        }

        return node;
    }

    public Call Call(Expression target)
    {
        int at = tokens.Current.At;
        var arguments = Arguments();
        return new Call(at, Math.Max(tokens.Above(target), arguments.Height + 1), target, arguments);
    }

    private Expression Attribute(Expression target)
    {
        int at = tokens.Next().At;
        var token = tokens.Next();
        int height = tokens.Above(target);
        return token.Kind switch
        {
            TokenKind.Name => new AttributeAccess(at, height, target, token.Text),
            TokenKind.Integer => new ItemAccess(at, height, target, new Literal(at, NumberLiteral.Integer(token.Text))),
            _ => throw new TemplateException("expected name or number"),
        };
    }

    private Expression Subscript(Expression target)
    {
        int at = tokens.Next().At;
        tokens.Enter();
        var keys = new List<Expression>();
        SliceAccess? slice = null;
        while (!tokens.Current.Is("]"))
        {
            if (keys.Count > 0 || slice is not null)
                tokens.Expect(",");
            if (slice is not null)
                throw new TemplateException("A slice cannot be one of several subscripts.");
            var start = tokens.Current.Is(":") ? null : expressions.Single();
            if (tokens.Skip(":"))
                slice = Slice(at, target, start);
            else
                keys.Add(start!);
        }

        tokens.Expect("]");
        tokens.Leave();
        if (slice is not null)
            return keys.Count == 0 ? slice : throw new TemplateException("A slice cannot be one of several subscripts.");
        var key = keys.Count == 1 ? keys[0] : new ListLiteral(at, tokens.Above([.. keys]), [.. keys], tuple: true);
        return new ItemAccess(at, tokens.Above(target, key), target, key);
    }

    private SliceAccess Slice(int at, Expression target, Expression? start)
    {
        var stop = AtSliceEnd() ? null : expressions.Single();
        var step = tokens.Skip(":") && !AtSliceEnd() ? expressions.Single() : null;
        return new SliceAccess(at, tokens.Above(target, start, stop, step), target, start, stop, step);
    }

    private bool AtSliceEnd() => tokens.Current.Is(":") || tokens.Current.Is("]") || tokens.Current.Is(",");

    private ListLiteral List()
    {
        int at = tokens.Expect("[").At;
        var items = new List<Expression>();
        while (!tokens.Current.Is("]"))
        {
            if (items.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Current.Is("]"))
                    break;
            }

            items.Add(expressions.Single());
        }

        tokens.Expect("]");
        return new ListLiteral(at, tokens.Above([.. items]), [.. items], tuple: false);
    }

    private DictLiteral Dict()
    {
        int at = tokens.Expect("{").At;
        var entries = new List<(Expression, Expression)>();
        while (!tokens.Current.Is("}"))
        {
            if (entries.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Current.Is("}"))
                    break;
            }

            var key = expressions.Single();
            tokens.Expect(":");
            entries.Add((key, expressions.Single()));
        }

        tokens.Expect("}");
        return new DictLiteral(at, tokens.Above([.. entries.SelectMany(e => new[] { e.Item1, e.Item2 })]), [.. entries]);
    }
}
