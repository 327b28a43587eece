using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Lark;

/// <summary>Makes regular languages of terminals.</summary>
internal sealed class LarkTerminals(LarkSource source)
{
    private const int Deepest = 400;
    private const int MostStates = 50_000;

    private readonly Dictionary<LarkDefinition, (Expression Expression, int Depth)?> _known = new(ReferenceEqualityComparer.Instance);
    private int _states;
    private int _depth;

    /// <summary>The texts of a terminal.</summary>
    /// <param name="node">What it is.</param>
    /// <param name="names">What names in it mean.</param>
    /// <param name="what">It, for messages.</param>
    /// <param name="at">Where it stands.</param>
    /// <exception cref="GrammarException">It has no text, needs too many states, or is made of rules or of itself.</exception>
    public Language Of(LarkNode node, Dictionary<string, LarkDefinition> names, string what, int at)
    {
        var expression = Expressed(node, names).Expression;
        Language language;
        try
        {
            language = Language.Of(expression, whole: true);
        }
        catch (GrammarException e)
        {
            throw source.Fault(at, $"{what}: {e.Message.TrimEnd('.')}", e);
        }
        if (language.IsEmpty)
            throw source.Fault(at, $"{what} has no text");
        _states += language.States;
        return _states <= MostStates ? language : throw source.Fault(at, $"the terminals need more than {MostStates:N0} states");
    }

    // Of terminals that are made of terminals: how deep they stand in one another is counted, since all of it is walked.
    private (Expression Expression, int Depth) Expressed(LarkNode node, Dictionary<string, LarkDefinition> names)
    {
        if (++_depth > Deepest)
            throw new GrammarException("terminals stand in one another too deep.");
        var made = Made(node, names);
        _depth--;
        return made;
    }

    private (Expression Expression, int Depth) Made(LarkNode node, Dictionary<string, LarkDefinition> names)
    {
        switch (node)
        {
            case LarkNode.Literal literal:
                return (literal.Expression, 1);
            case LarkNode.Sequence sequence:
                var parts = sequence.Parts.Select(part => Expressed(part, names)).ToList();
                return Deeper(new Expression.Sequence([.. parts.Select(part => part.Expression)]), parts.Select(part => part.Depth));
            case LarkNode.Choice choice:
                var ways = choice.Ways.Select(way => Expressed(way, names)).ToList();
                return Deeper(new Expression.Choice([.. ways.Select(way => way.Expression)]), ways.Select(way => way.Depth));
            case LarkNode.Repeat repeat:
                var body = Expressed(repeat.Body, names);
                return Deeper(new Expression.Repeat(body.Expression, repeat.Least, repeat.Most == int.MaxValue ? null : repeat.Most), [body.Depth]);
            case LarkNode.Reference reference:
                if (!LarkDefinition.IsTerminal(reference.Name))
                    throw source.Fault(reference.At, $"the rule '{reference.Name}' stands in a terminal");
                if (!names.TryGetValue(reference.Name, out var definition))
                    throw source.Fault(reference.At, $"'{reference.Name}' is nowhere defined");
                return Named(definition, reference.At);
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private (Expression Expression, int Depth) Named(LarkDefinition definition, int at)
    {
        if (_known.TryGetValue(definition, out var known))
            return known ?? throw source.Fault(at, $"the terminal '{definition.Name}' is made of itself");
        _known.Add(definition, null);
        var made = Expressed(definition.Body, definition.Names);
        if (made.Depth > Deepest)
            throw source.Fault(at, "terminals stand in one another too deep");
        _known[definition] = made;
        return made;
    }

    private static (Expression Expression, int Depth) Deeper(Expression expression, IEnumerable<int> depths) => (expression, 1 + depths.DefaultIfEmpty().Max());
}
