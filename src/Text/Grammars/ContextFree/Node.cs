using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.ContextFree;

/// <summary>A place in a rule's body; the graph of them is the rule.</summary>
internal abstract class Node
{
    /// <summary>A code point of a set, then another place.</summary>
    public sealed class Match(CodePoints points, Node next) : Node
    {
        public CodePoints Points => points;

        public Node Next => next;
    }

    /// <summary>Another rule, then another place.</summary>
    public sealed class Call(Rule rule, Node next) : Node
    {
        public Rule Rule => rule;

        public Node Next => next;
    }

    /// <summary>Any number of texts of a rule, then another place; nothing where the whole text begins.</summary>
    public sealed class Gap(Rule rule, Node next) : Node
    {
        public Rule Rule => rule;

        public Node Next => next;
    }

    /// <summary>Any of several places.</summary>
    public sealed class Split : Node
    {
        public List<Node> Ways { get; } = [];
    }

    /// <summary>The end of the rule.</summary>
    public sealed class Return : Node
    {
        public static readonly Return Only = new();
    }
}

/// <summary>A rule of a grammar.</summary>
internal sealed class Rule(string name)
{
    public string Name => name;

    /// <summary>Where it begins; null while it has only been named.</summary>
    public Node? Start { get; set; }
}
