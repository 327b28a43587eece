using Causerie.Text.Grammars.ContextFree;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Lark;

/// <summary>Makes a context-free grammar of one in Lark's notation.</summary>
/// <remarks>
/// A text is read as Lark's Earley parser with its dynamic, complete lexer reads it: a terminal stands wherever a rule lets it,
/// for any of its texts. What is ignored may stand between two terminals, not before the first or behind the last.
/// </remarks>
internal sealed class LarkCompiler
{
    private readonly LarkFile _file;
    private readonly LarkTerminals _terminals;
    private readonly NodeBuilder _nodes = new();
    private readonly Dictionary<string, Rule> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Rule Rule, bool CanBeEmpty)> _words = new(StringComparer.Ordinal);
    private readonly Rule? _gap;

    private LarkCompiler(LarkFile file)
    {
        _file = file;
        _terminals = new LarkTerminals(file.Source);
        if (file.Ignored.Count > 0)
            _gap = Word(new LarkNode.Choice(file.Ignored), file.Names, "%ignore", 0).Rule;
    }

    /// <summary>The grammar of a file.</summary>
    /// <exception cref="GrammarException">A name is not defined, a rule has no text, or it is too large.</exception>
    public static Grammar Compile(LarkFile file)
    {
        if (!file.Names.TryGetValue("start", out var start))
            throw new GrammarException("the grammar has no rule 'start'.");
        var compiler = new LarkCompiler(file);
        foreach (var definition in file.Names.Where(one => !LarkDefinition.IsTerminal(one.Key)).Select(one => one.Value))
            compiler.RuleOf(definition.Name).Start = compiler.PartOf(definition.Body)(Node.Return.Only);
        foreach (var (name, definition) in file.Names.Where(one => LarkDefinition.IsTerminal(one.Key)))
            compiler.Word(new LarkNode.Reference(name, definition.At), file.Names, name, definition.At);
        List<Rule> all = [.. compiler._rules.Values, .. compiler._words.Values.Select(word => word.Rule)];
        var productive = Reach.Productive(all);
        if (compiler._rules.Values.FirstOrDefault(rule => !productive.Contains(rule)) is { } endless)
            throw file.Source.Fault(file.Names[endless.Name].At, $"the rule '{endless.Name}' has no text that ends");
        LeftCorners.Rewrite(all, compiler._nodes);
        return new ContextFreeGrammar(compiler._rules[start.Name]);
    }

    private Rule RuleOf(string name)
    {
        if (!_rules.TryGetValue(name, out var rule))
            _rules.Add(name, rule = new Rule(name));
        return rule;
    }

    private Part PartOf(LarkNode node)
    {
        switch (node)
        {
            case LarkNode.Sequence sequence:
                return NodeBuilder.Sequence([.. sequence.Parts.Select(PartOf)]);
            case LarkNode.Choice choice:
                return _nodes.Choice([.. choice.Ways.Select(PartOf)]);
            case LarkNode.Repeat repeat:
                return _nodes.Repeat(PartOf(repeat.Body), repeat.Least, repeat.Most);
            case LarkNode.Reference reference when !_file.Names.ContainsKey(reference.Name):
                throw _file.Source.Fault(reference.At, $"'{reference.Name}' is nowhere defined");
            case LarkNode.Reference reference when !LarkDefinition.IsTerminal(reference.Name):
                return _nodes.Rule(RuleOf(reference.Name));
            case LarkNode.Reference reference:
                return WordPart(Word(reference, _file.Names, reference.Name, reference.At));
            case LarkNode.Literal { Expression: Expression.Sequence { Parts.Count: 0 } }:
                return NodeBuilder.Empty;
            case LarkNode.Literal literal:
                return WordPart(Word(literal, _file.Names, literal.Written, literal.At));
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private Part WordPart((Rule Rule, bool CanBeEmpty) word)
    {
        Part part = next => _gap is null ? _nodes.Call(word.Rule, next) : _nodes.Gap(_gap, _nodes.Call(word.Rule, next));
        return word.CanBeEmpty ? _nodes.Repeat(part, 0, 1) : part;
    }

    /// <summary>The rule of a terminal's texts that are not empty, and whether it has an empty one.</summary>
    private (Rule Rule, bool CanBeEmpty) Word(LarkNode node, Dictionary<string, LarkDefinition> names, string key, int at)
    {
        if (_words.TryGetValue(key, out var word))
            return word;
        var language = _terminals.Of(node, names, key == "%ignore" ? "what is ignored" : $"the terminal {key}", at);
        word = (new Rule(key) { Start = _nodes.Automaton(language) }, language.Accepts(0));
        _words.Add(key, word);
        return word;
    }
}
