using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Lark;

/// <summary>What stands in a definition of a grammar in Lark's notation, as a tree.</summary>
internal abstract record LarkNode
{
    /// <summary>A rule or terminal by its name.</summary>
    public sealed record Reference(string Name, int At) : LarkNode;

    /// <summary>A text, range or pattern.</summary>
    public sealed record Literal(Expression Expression, string Written, int At) : LarkNode;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(IReadOnlyList<LarkNode> Parts) : LarkNode;

    /// <summary>One of them.</summary>
    public sealed record Choice(IReadOnlyList<LarkNode> Ways) : LarkNode;

    /// <summary>Some times the same; int.MaxValue is without end.</summary>
    public sealed record Repeat(LarkNode Body, int Least, int Most) : LarkNode;
}

/// <summary>A rule or terminal.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Body">What it is.</param>
/// <param name="Names">What names in it mean.</param>
/// <param name="At">Where it is written.</param>
internal sealed record LarkDefinition(string Name, LarkNode Body, Dictionary<string, LarkDefinition> Names, int At)
{
    /// <summary>Whether a name is a terminal's: its first letter is a capital.</summary>
    public static bool IsTerminal(string name) => char.IsAsciiLetterUpper(name.TrimStart('_').FirstOrDefault());
}

/// <summary>A grammar that has been read.</summary>
/// <param name="Source">It, as it is written.</param>
/// <param name="Names">Its rules and terminals.</param>
/// <param name="Ignored">What may stand between two terminals.</param>
internal sealed record LarkFile(LarkSource Source, Dictionary<string, LarkDefinition> Names, IReadOnlyList<LarkNode> Ignored);
