using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Expressions by recursive descent, with Jinja's precedences.</summary>
internal sealed class ExpressionParser
{
    private static readonly HashSet<string> Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private readonly TokenStream _tokens;
    private readonly OperandParser _operands;

    public ExpressionParser(TokenStream tokens, Names names)
    {
        _tokens = tokens;
        _operands = new OperandParser(tokens, names, this);
        Filters = new FilterParser(tokens, _operands);
    }

    /// <summary>Filters and tests, which stand behind an operand or a statement's name.</summary>
    public FilterParser Filters { get; }

    /// <summary>An expression, or several with commas as a tuple.</summary>
    public Expression Tuple(bool conditional = true, bool parenthesised = false)
    {
        int at = _tokens.Current.At;
        var items = new List<Expression>();
        bool isTuple = false;
        while (true)
        {
            if (IsTupleEnd)
                break;
            items.Add(Single(conditional));
            if (!_tokens.Skip(","))
                break;
            isTuple = true;
        }

        if (isTuple || (items.Count == 0 && parenthesised))
            return new ListLiteral(at, _tokens.Above([.. items]), [.. items], tuple: true);
        return items.Count == 1 ? items[0] : throw _tokens.Unexpected("an expression");
    }

    public Expression Single(bool conditional = true)
    {
        _tokens.Enter();
        var expression = conditional ? Conditional() : Or();
        _tokens.Leave();
        return expression;
    }

    public bool IsTupleEnd =>
        _tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || _tokens.Current.Is(")");

    private Expression Conditional()
    {
        int known = Filters.Unknown.Count;
        var value = Or();
        while (_tokens.Current.IsName("if"))
        {
            Filters.Unknown.RemoveRange(known, Filters.Unknown.Count - known);
            int at = _tokens.Next().At;
            bool outer = Filters.IsConditional;
            Filters.IsConditional = true;
            var condition = Or();
            var otherwise = _tokens.SkipName("else") ? Single() : null;
            Filters.IsConditional = outer;
            value = new Conditional(at, _tokens.Above(value, condition, otherwise), condition, value, otherwise);
        }

        return value;
    }

    private Expression Or() => Logical("or", And);

    private Expression And() => Logical("and", Not);

    private Expression Logical(string word, Func<Expression> operand)
    {
        var first = operand();
        if (!_tokens.Current.IsName(word))
            return first;
        var operands = new List<Expression> { first };
        while (_tokens.SkipName(word))
            operands.Add(operand());
        return new Logical(first.At, _tokens.Above([.. operands]), [.. operands], any: word == "or");
    }

    private Expression Not()
    {
        if (!_tokens.Current.IsName("not"))
            return Compare();
        int at = _tokens.Next().At;
        _tokens.Enter();
        var operand = Not();
        _tokens.Leave();
        return new Not(at, _tokens.Above(operand), operand);
    }

    private Expression Compare()
    {
        var first = Sum();
        var rest = new List<(string, Expression)>();
        int at = _tokens.Current.At;
        while (true)
        {
            if (_tokens.Current.Kind == TokenKind.Symbol && Comparisons.Contains(_tokens.Current.Text))
                rest.Add((_tokens.Next().Text, Sum()));
            else if (_tokens.SkipName("in"))
                rest.Add(("in", Sum()));
            else if (_tokens.Current.IsName("not") && _tokens.Ahead.IsName("in"))
            {
                _tokens.Next();
                _tokens.Next();
                rest.Add(("not in", Sum()));
            }
            else
                break;
        }

        return rest.Count == 0
            ? first
            : new Compare(at, _tokens.Above([first, .. rest.Select(r => r.Item2)]), first, [.. rest]);
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
        if (!_tokens.Current.Is("~"))
            return first;
        var parts = new List<Expression> { first };
        int at = _tokens.Current.At;
        while (_tokens.Skip("~"))
            parts.Add(Product());
        return new Concatenation(at, _tokens.Above([.. parts]), [.. parts]);
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
        while (_tokens.Current.Kind == TokenKind.Symbol && operation(_tokens.Current.Text) is { } apply)
        {
            int at = _tokens.Next().At;
            (rest ??= []).Add(new Operation(at, apply, operand()));
        }

        return rest is null
            ? first
            : new Arithmetics(first.At, _tokens.Above([first, .. rest.Select(r => r.Operand)]), first, [.. rest]);
    }

    private Expression Unary(bool filters)
    {
        var token = _tokens.Current;
        Expression node;
        if (token.Is("-") || token.Is("+"))
        {
            _tokens.Next();
            _tokens.Enter();
            var operand = Unary(filters: false);
            _tokens.Leave();
            node = new Unary(token.At, _tokens.Above(operand), operand, token.Is("-") ? Arithmetic.Negate : Arithmetic.Plus);
        }
        else
        {
            node = _operands.Primary();
        }

        node = _operands.Postfix(node);
        return filters ? Filters.Behind(node) : node;
    }
}
