using Causerie.Text.Templates.Library;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Filters behind a bar and tests behind <c>is</c>.</summary>
internal sealed class FilterParser(TokenStream tokens, OperandParser operands)
{
    /// <summary>Inside an if, where an unknown filter is an error only once it is reached.</summary>
    public bool IsConditional { get; set; }

    public List<(string Message, int At)> Unknown { get; } = [];

    public FilterCall Read(Expression? operand, bool atName)
    {
        var result = operand as FilterCall;
        var value = operand;
        while (atName || tokens.Skip("|"))
        {
            atName = false;
            var (token, name) = DottedName();
            var arguments = tokens.Current.Is("(") ? operands.Arguments() : CallArguments.Empty;
            var filter = Library.Filters.Find(name);
            if (filter is null && !IsConditional)
                Unknown.Add(($"No filter named '{name}'.", token.At));
            int height = Math.Max(tokens.Above(value), arguments.Height + 1);
            value = result = new FilterCall(token.At, height, value, name, filter, arguments);
        }

        return result!;
    }

    public Expression Behind(Expression node)
    {
        while (true)
        {
            if (tokens.Current.Is("|"))
                node = Read(node, atName: false);
            else if (tokens.Current.IsName("is"))
                node = Test(node);
            else if (tokens.Current.Is("("))
                node = operands.Call(node);
            else
                return node;
        }
    }

    private Expression Test(Expression operand)
    {
        int at = tokens.Next().At;
        bool negated = tokens.SkipName("not");
        var (_, name) = DottedName();
        var arguments = CallArguments.Empty;
        if (tokens.Current.Is("("))
            arguments = operands.Arguments();
        else if (StartsArgument(tokens.Current))
        {
            if (tokens.Current.IsName("is"))
                throw new TemplateException("You cannot chain multiple tests with is");
            var argument = operands.Postfix(operands.Primary());
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
}
