using System.Collections.Concurrent;
using Causerie.Inference.Gguf;
using Causerie.Tests;
using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>Tokenizers of the conformance data's vocabularies, each read once.</summary>
public sealed class Vocabularies
{
    private readonly ConcurrentDictionary<string, Lazy<Tokenizer>> _read = new();

    /// <summary>The tokenizer of a vocabulary file, wherever it lies; skips the test without the data.</summary>
    public Tokenizer this[string file] =>
        _read.GetOrAdd(file, name => new Lazy<Tokenizer>(() => Tokenizer.Create(Read(Locate(name)!)))).Value;

    /// <summary>Path of a vocabulary file, or null where it is not in the data.</summary>
    public static string? Locate(string file) =>
        new[] { "tokenizers/llamacpp", "tokenizers/built", "weights" }
            .Select(folder => Path.Combine(ConformanceData.Require(folder), file))
            .FirstOrDefault(File.Exists);

    private static Vocabulary Read(string path)
    {
        using var file = GgufFile.Open(path);
        return VocabularyReader.Read(file.Metadata);
    }
}
