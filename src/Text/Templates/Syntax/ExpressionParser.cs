using Causerie.Text.Templates.Library;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Expressions by recursive descent, with Jinja's precedences.</summary>
internal sealed class ExpressionParser(TokenStream tokens, Names names)
{
    private static readonly HashSet<string> Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>Inside an if, where an unknown filter is an error only once it is reached.</summary>
    public bool IsConditional { get; set; }

    public List<(string Message, int At)> Unknown { get; } = [];

    /// <summary>An expression, or several with commas as a tuple.</summary>
    public Expression Tuple(bool conditional = true, bool parenthesised = false)
    {
        int at = tokens.Current.At;
        var items = new List<Expression>();
        bool isTuple = false;
        while (true)
        {
            if (IsTupleEnd)
                break;
            items.Add(Single(conditional));
            if (!tokens.Skip(","))
                break;
            isTuple = true;
        }

        if (isTuple || (items.Count == 0 && parenthesised))
            return new ListLiteral(at, tokens.Above([.. items]), [.. items], tuple: true);
        return items.Count == 1 ? items[0] : throw tokens.Unexpected("an expression");
    }

    public Expression Single(bool conditional = true)
    {
        tokens.Enter();
        var expression = conditional ? Conditional() : Or();
        tokens.Leave();
        return expression;
    }

    public bool IsTupleEnd =>
        tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || tokens.Current.Is(")");

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
        var inner = Tuple(parenthesised: true);
        tokens.Leave();
        tokens.Expect(")");
        return inner;
    }

    public FilterCall Filters(Expression? operand, bool atName)
    {
        var result = operand as FilterCall;
        var value = operand;
        while (atName || tokens.Skip("|"))
        {
            atName = false;
            var (token, name) = DottedName();
            var arguments = tokens.Current.Is("(") ? Arguments() : CallArguments.Empty;
            var filter = Library.Filters.Find(name);
            if (filter is null && !IsConditional)
                Unknown.Add(($"No filter named '{name}'.", token.At));
            int height = Math.Max(tokens.Above(value), arguments.Height + 1);
            value = result = new FilterCall(token.At, height, value, name, filter, arguments);
        }

        return result!;
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
                morePositional = Single();
            }
            else if (tokens.Skip("**"))
            {
                moreNamed = Single();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead.Is("="))
            {
                string name = tokens.Next().Text;
                tokens.Next();
                if (named.Any(n => n.Item1 == name))
                    throw new TemplateException($"keyword argument repeated: {name}");
                named.Add((name, Single()));
            }
            else
            {
                valid &= morePositional is null && named.Count == 0;
                positional.Add(Single());
            }

            if (!valid)
                throw new TemplateException("invalid syntax for function call expression");
        }

        tokens.Expect(")");
        Expression?[] all = [.. positional, .. named.Select(n => n.Item2), morePositional, moreNamed];
        return new CallArguments([.. positional], [.. named], morePositional, moreNamed) { Height = tokens.Above(all) };
    }

    private Expression Conditional()
    {
        int known = Unknown.Count;
        var value = Or();
        while (tokens.Current.IsName("if"))
        {
            Unknown.RemoveRange(known, Unknown.Count - known);
            int at = tokens.Next().At;
            bool outer = IsConditional;
            IsConditional = true;
            var condition = Or();
            var otherwise = tokens.SkipName("else") ? Single() : null;
            IsConditional = outer;
            value = new Conditional(at, tokens.Above(value, condition, otherwise), condition, value, otherwise);
        }

        return value;
    }

    private Expression Or() => Logical("or", And);

    private Expression And() => Logical("and", Not);

    private Expression Logical(string word, Func<Expression> operand)
    {
        var first = operand();
        if (!tokens.Current.IsName(word))
            return first;
        var operands = new List<Expression> { first };
        while (tokens.SkipName(word))
            operands.Add(operand());
        return new Logical(first.At, tokens.Above([.. operands]), [.. operands], any: word == "or");
    }

    private Expression Not()
    {
        if (!tokens.Current.IsName("not"))
            return Compare();
        int at = tokens.Next().At;
        tokens.Enter();
        var operand = Not();
        tokens.Leave();
        return new Not(at, tokens.Above(operand), operand);
    }

    private Expression Compare()
    {
        var first = Sum();
        var rest = new List<(string, Expression)>();
        int at = tokens.Current.At;
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Symbol && Comparisons.Contains(tokens.Current.Text))
                rest.Add((tokens.Next().Text, Sum()));
            else if (tokens.SkipName("in"))
                rest.Add(("in", Sum()));
            else if (tokens.Current.IsName("not") && tokens.Ahead.IsName("in"))
            {
                tokens.Next();
                tokens.Next();
                rest.Add(("not in", Sum()));
            }
            else
                break;
        }

        return rest.Count == 0
            ? first
            : new Compare(at, tokens.Above([first, .. rest.Select(r => r.Item2)]), first, [.. rest]);
    }

    private Expression Sum() => Chain(Concatenation, symbol => symbol switch
    {
        "+" => Arithmetic.Add,
        "-" => Arithmetic.Subtract,
        _ => null,
    });

    private Expression Concatenation()
    {
        var first = Product();
        if (!tokens.Current.Is("~"))
            return first;
        var parts = new List<Expression> { first };
        int at = tokens.Current.At;
        while (tokens.Skip("~"))
            parts.Add(Product());
        return new Concatenation(at, tokens.Above([.. parts]), [.. parts]);
    }

    private Expression Product() => Chain(Power, symbol => symbol switch
    {
        "*" => Arithmetic.Multiply,
        "/" => Arithmetic.Divide,
        "//" => Arithmetic.FloorDivide,
        "%" => Arithmetic.Modulo,
        _ => null,
    });

    private Expression Power() => Chain(() => Unary(filters: true), symbol => symbol == "**" ? Arithmetic.Power : null);

    private Expression Chain(Func<Expression> operand, Func<string, Func<Render, Value, Value, Value>?> operation)
    {
        var first = operand();
        List<Operation>? rest = null;
        while (tokens.Current.Kind == TokenKind.Symbol && operation(tokens.Current.Text) is { } apply)
        {
            int at = tokens.Next().At;
            (rest ??= []).Add(new Operation(at, apply, operand()));
        }

        return rest is null
            ? first
            : new Arithmetics(first.At, tokens.Above([first, .. rest.Select(r => r.Operand)]), first, [.. rest]);
    }

    private Expression Unary(bool filters)
    {
        var token = tokens.Current;
        Expression node;
        if (token.Is("-") || token.Is("+"))
        {
            tokens.Next();
            tokens.Enter();
            var operand = Unary(filters: false);
            tokens.Leave();
            node = new Unary(token.At, tokens.Above(operand), operand, token.Is("-") ? Arithmetic.Negate : Arithmetic.Plus);
        }
        else
        {
            node = Primary();
        }

        node = Postfix(node);
        return filters ? FiltersAndTests(node) : node;
    }

    private Expression Postfix(Expression node)
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

    private Expression FiltersAndTests(Expression node)
    {
        while (true)
        {
            if (tokens.Current.Is("|"))
                node = Filters(node, atName: false);
            else if (tokens.Current.IsName("is"))
                node = Test(node);
            else if (tokens.Current.Is("("))
                node = Call(node);
            else
                return node;
        }
    }

    private Call Call(Expression target)
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
            var start = tokens.Current.Is(":") ? null : Single();
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
        var stop = AtSliceEnd() ? null : Single();
        var step = tokens.Skip(":") && !AtSliceEnd() ? Single() : null;
        return new SliceAccess(at, tokens.Above(target, start, stop, step), target, start, stop, step);
    }

    private bool AtSliceEnd() => tokens.Current.Is(":") || tokens.Current.Is("]") || tokens.Current.Is(",");

    private Expression Test(Expression operand)
    {
        int at = tokens.Next().At;
        bool negated = tokens.SkipName("not");
        var (_, name) = DottedName();
        var arguments = CallArguments.Empty;
        if (tokens.Current.Is("("))
            arguments = Arguments();
        else if (StartsArgument(tokens.Current))
        {
            if (tokens.Current.IsName("is"))
                throw new TemplateException("You cannot chain multiple tests with is");
            var argument = Postfix(Primary());
            arguments = new CallArguments([argument], [], null, null) { Height = tokens.Above(argument) };
        }

        var test = Tests.Find(name);
        if (test is null && !IsConditional)
            Unknown.Add(($"No test named '{name}'.", at));
        int height = Math.Max(tokens.Above(operand), arguments.Height + 1);
        Expression node = new TestCall(at, height, operand, name, test, arguments);
        return negated ? new Not(at, tokens.Above(node), node) : node;
    }

    private static bool StartsArgument(Token token) =>
        token.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
        || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and"))
        || token.Is("[") || token.Is("{");

    private (Token Token, string Name) DottedName()
    {
        var token = tokens.Expect(TokenKind.Name);
        string name = token.Text;
        while (tokens.Skip("."))
            name += "." + tokens.Expect(TokenKind.Name).Text;
        return (token, name);
    }

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

            items.Add(Single());
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

            var key = Single();
            tokens.Expect(":");
            entries.Add((key, Single()));
        }

        tokens.Expect("}");
        return new DictLiteral(at, tokens.Above([.. entries.SelectMany(e => new[] { e.Item1, e.Item2 })]), [.. entries]);
    }
}
