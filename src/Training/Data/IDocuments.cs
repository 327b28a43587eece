namespace Causerie.Training.Data;

/// <summary>An endless row of documents, each of which follows from its number alone, so that training can resume.</summary>
public interface IDocuments
{
    /// <summary>Document <paramref name="index"/>, at most the context and one token long.</summary>
    Document this[long index] { get; }
}
