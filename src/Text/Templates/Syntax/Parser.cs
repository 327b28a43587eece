namespace Causerie.Text.Templates.Syntax;

/// <summary>Tokens to a tree: the statements.</summary>
internal sealed class Parser(TokenStream tokens, Names names)
{
    private readonly ExpressionParser _expressions = new(tokens, names);
    private int _loops;

    /// <summary>The first filter or test that nobody knows, where it would surely be reached; else null.</summary>
    public (string Message, int At)? Unknown => _expressions.Filters.Unknown.Count > 0 ? _expressions.Filters.Unknown[0] : null;

    public Body Parse()
    {
        var body = Until("the end of the template");
        return tokens.Current.Kind == TokenKind.End ? body : throw UnknownTag(tokens.Current, []);
    }

    private Body Until(string opener, params ReadOnlySpan<string> ends)
    {
        int begin = tokens.Position;
        var statements = new List<Statement>();
        while (true)
        {
            var token = tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextOutput(token.At, tokens.Next().Text));
                    break;
                case TokenKind.VariableBegin:
                    tokens.Next();
                    statements.Add(new ExpressionOutput(token.At, _expressions.Tuple()));
                    tokens.Expect(TokenKind.VariableEnd);
                    break;
                case TokenKind.BlockBegin:
                    tokens.Next();
                    var tag = tokens.Expect(TokenKind.Name);
                    if (ends.Contains(tag.Text))
                        return new Body([.. statements], tokens.Position - begin);
                    tokens.Enter();
                    Tag(statements, tag, ends);
                    tokens.Leave();
                    tokens.Expect(TokenKind.BlockEnd);
                    break;
                default:
                    if (ends.Length > 0)
                        throw new TemplateException(
                            $"Unexpected end of template: '{opener}' is not closed by '{ends[^1]}'.");
                    return new Body([.. statements], tokens.Position - begin);
            }
        }
    }

    /// <summary>A block's statements; the tag that ended it is the last token taken.</summary>
    private (Body Body, string End) Block(string opener, params ReadOnlySpan<string> ends)
    {
        tokens.Skip(":");
        tokens.Expect(TokenKind.BlockEnd);
        int begin = tokens.Position;
        var body = Until(opener, ends);
        return (body with { Cost = tokens.Position - begin }, tokens.Previous.Text);
    }

    private void Tag(List<Statement> statements, Token tag, ReadOnlySpan<string> ends)
    {
        switch (tag.Text)
        {
            case "print":
                while (tokens.Current.Kind != TokenKind.BlockEnd)
                {
                    statements.Add(new ExpressionOutput(tag.At, _expressions.Single()));
                    if (!tokens.Skip(","))
                        break;
                }

                break;
            case "for":
                statements.Add(For(tag.At));
                break;
            case "if":
                statements.Add(If(tag.At));
                break;
            case "set":
                statements.Add(Set(tag.At));
                break;
            case "with":
                statements.Add(With(tag.At));
                break;
            case "macro":
                statements.Add(Macro(tag.At));
                break;
            case "call":
                statements.Add(Call(tag.At));
                break;
            case "filter":
                var filter = _expressions.Filters.Read(null, atName: true);
                statements.Add(new FilterBlock(tag.At, filter, Inner("filter", "endfilter")));
                break;
            case "generation":
                int loops = _loops;
                _loops = 0;
                statements.Add(new Generation(tag.At, Inner("generation", "endgeneration")));
                _loops = loops;
                break;
            case "break" or "continue":
                if (_loops == 0)
                    throw new TemplateException($"'{tag.Text}' outside loop");
                statements.Add(new Jump(tag.At, tag.Text == "break" ? Flow.Break : Flow.Continue));
                break;
            case "include" or "import" or "from" or "extends" or "block" or "autoescape":
                throw new TemplateException($"The tag '{tag.Text}' is not supported in chat templates.");
            default:
                throw UnknownTag(tag, ends);
        }
    }

    private static TemplateException UnknownTag(Token tag, ReadOnlySpan<string> ends) => new(
        $"Encountered unknown tag '{tag.Text}'."
        + (ends.Length == 0 ? "" : $" Expected one of: {string.Join(", ", ends!)}."));

    private Body Inner(string opener, string end)
    {
        bool conditional = _expressions.Filters.IsConditional;
        _expressions.Filters.IsConditional = false;
        var (body, _) = Block(opener, end);
        _expressions.Filters.IsConditional = conditional;
        return body;
    }

    private If If(int at)
    {
        bool conditional = _expressions.Filters.IsConditional;
        _expressions.Filters.IsConditional = true;
        var branches = new List<(Expression, Body)>();
        Body? otherwise = null;
        string end;
        do
        {
            var condition = _expressions.Tuple(conditional: false);
            (var body, end) = Block("if", "elif", "else", "endif");
            branches.Add((condition, body));
        }
        while (end == "elif");
        if (end == "else")
            otherwise = Block("if", "endif").Body;
        _expressions.Filters.IsConditional = conditional;
        return new If(at, [.. branches], otherwise);
    }

    private For For(int at)
    {
        var target = Target();
        tokens.ExpectName("in");
        var items = _expressions.Tuple(conditional: false);
        bool conditional = _expressions.Filters.IsConditional;
        _expressions.Filters.IsConditional = false;
        var condition = tokens.SkipName("if") ? _expressions.Single() : null;
        bool recursive = tokens.SkipName("recursive");
        var used = names.Watch();
        _loops++;
        var (body, end) = Block("for", "endfor", "else");
        _loops--;
        names.Unwatch();
        var otherwise = end == "else" ? Block("for", "endfor").Body : null;
        _expressions.Filters.IsConditional = conditional;
        int loop = used.Contains("loop") || recursive ? names.Id("loop") : -1;
        return new For(at, target, items, condition, body, otherwise, recursive, loop);
    }

    private Statement Set(int at)
    {
        var target = Target();
        if (tokens.Skip("="))
            return new Assignment(at, target, _expressions.Tuple());
        var filter = tokens.Current.Is("|") ? _expressions.Filters.Read(null, atName: false) : null;
        return new BlockAssignment(at, target, filter, Inner("set", "endset"));
    }

    private With With(int at)
    {
        var assignments = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
                tokens.Expect(",");
            var target = Target();
            tokens.Expect("=");
            assignments.Add((target, _expressions.Single()));
        }

        return new With(at, [.. assignments], Inner("with", "endwith"));
    }

    private Macro Macro(int at)
    {
        string name = tokens.Expect(TokenKind.Name).Text;
        var (parameters, defaults) = Signature();
        return new Macro(at, Definition(name, parameters, defaults, "macro", "endmacro"), names.Id(name));
    }

    private CallBlock Call(int at)
    {
        var (parameters, defaults) = tokens.Current.Is("(") ? Signature() : ([], []);
        if (_expressions.Single() is not Call call)
            throw new TemplateException("expected call");
        return new CallBlock(at, call, Definition("caller", parameters, defaults, "call", "endcall"));
    }

    private MacroDefinition Definition(
        string name, (string Name, int Id)[] parameters, Expression[] defaults, string opener, string end)
    {
        var used = names.Watch();
        int loops = _loops;
        _loops = 0;
        var body = Inner(opener, end);
        _loops = loops;
        names.Unwatch();
        return new MacroDefinition(name, parameters, defaults, body)
        {
            CallerId = IdIfUsed("caller"),
            KwargsId = IdIfUsed("kwargs"),
            VarargsId = IdIfUsed("varargs"),
        };

        int IdIfUsed(string special) => used.Contains(special) ? names.Id(special) : -1;
    }

    private ((string, int)[] Parameters, Expression[] Defaults) Signature()
    {
        var parameters = new List<(string, int)>();
        var defaults = new List<Expression>();
        tokens.Expect("(");
        while (!tokens.Current.Is(")"))
        {
            if (parameters.Count > 0)
                tokens.Expect(",");
            string name = Assignable(tokens.Expect(TokenKind.Name).Text);
            if (parameters.Any(p => p.Item1 == name))
                throw new TemplateException($"duplicate argument '{name}'");
            if (tokens.Skip("="))
                defaults.Add(_expressions.Single());
            else if (name == "caller")
                throw new TemplateException("The parameter 'caller' must have a default, or be left out.");
            else if (defaults.Count > 0)
                throw new TemplateException("non-default argument follows default argument");
            parameters.Add((name, names.Id(name)));
        }

        tokens.Expect(")");
        return ([.. parameters], [.. defaults]);
    }

    private Target Target()
    {
        var targets = new List<Target>();
        bool isTuple = false;
        while (!_expressions.IsTupleEnd)
        {
            targets.Add(SingleTarget());
            if (!tokens.Skip(","))
                break;
            isTuple = true;
        }

        if (targets.Count == 0)
            throw tokens.Unexpected("a name to assign to");
        return isTuple ? new TupleTarget([.. targets]) : targets[0];
    }

    private Target SingleTarget()
    {
        if (tokens.Skip("("))
        {
            tokens.Enter();
            var inner = tokens.Current.Is(")") ? new TupleTarget([]) : Target();
            tokens.Leave();
            tokens.Expect(")");
            return inner;
        }

        string name = Assignable(tokens.Expect(TokenKind.Name).Text);
        if (tokens.Skip("."))
            return new NamespaceTarget(names.Use(name), tokens.Expect(TokenKind.Name).Text);
        return new NameTarget(names.Id(name));
    }

    private static string Assignable(string name) => name is "true" or "false" or "none" or "True" or "False" or "None"
        ? throw new TemplateException($"can't assign to '{name}'")
        : name;
}
