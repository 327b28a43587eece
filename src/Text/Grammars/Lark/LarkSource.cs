namespace Causerie.Text.Grammars.Lark;

/// <summary>A grammar as it is written, which tells where in it something is wrong.</summary>
/// <param name="Text">All of it.</param>
internal sealed record LarkSource(string Text)
{
    /// <summary>A refusal with the line and column that it is about.</summary>
    public GrammarException Fault(int at, string what, Exception? inner = null)
    {
        var before = Text.AsSpan(0, Math.Min(at, Text.Length));
        int line = 1 + before.Count('\n'), column = before.Length - before.LastIndexOf('\n');
        string message = $"{what}, in line {line}, column {column} of the grammar.";
        return inner is null ? new GrammarException(message) : new GrammarException(message, inner);
    }
}
