namespace Causerie.Training.Corpus;

/// <summary>Something in the data of a training is not as it must be; the message says where and what.</summary>
public sealed class CorpusException : Exception
{
    /// <summary>With a message alone.</summary>
    public CorpusException(string message)
        : base(message)
    {
    }

    /// <summary>With what was behind it.</summary>
    public CorpusException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
