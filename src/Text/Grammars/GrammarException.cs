namespace Causerie.Text.Grammars;

/// <summary>A grammar or schema is malformed, or asks for what cannot be enforced; the message names it.</summary>
public sealed class GrammarException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="message">What is wrong, or what cannot be enforced.</param>
    public GrammarException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">The cause.</param>
    public GrammarException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
