using System.Collections.Immutable;
using Causerie.Inference.Gguf;

namespace Causerie.Host.Models;

/// <summary>What a model file says of itself, for people who choose one: read from its header alone.</summary>
public sealed record ModelSummary
{
    /// <summary>Bytes of a number in the cache of keys and values: half precision, as the engine keeps it.</summary>
    public const int CacheValueBytes = 2;

    /// <summary>Architecture as the file names it; null where it does not.</summary>
    public string? Architecture { get; init; }

    /// <summary>The model's own name; null where it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Number of weights.</summary>
    public long Parameters { get; init; }

    /// <summary>Bytes of all files.</summary>
    public long FileSize { get; init; }

    /// <summary>Bytes of the weights in the file, and in memory.</summary>
    public long WeightBytes { get; init; }

    /// <summary>The tensor formats, the one that takes most bytes first.</summary>
    public ImmutableArray<FormatShare> Formats { get; init; }

    /// <summary>The longest prompt and answer together, in tokens; null where the file does not say.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Layers; null where the file does not say.</summary>
    public int? Layers { get; init; }

    /// <summary>Width of the hidden state; null where the file does not say.</summary>
    public int? EmbeddingLength { get; init; }

    /// <summary>Numbers that a token adds to the cache of keys and values, in all layers; null if unknown.</summary>
    public long? CacheValuesPerToken { get; init; }

    /// <summary>Kind of tokenizer as the file names it; null where there is none.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Pre-tokenizer's name; null where the file has none.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>Number of tokens.</summary>
    public long VocabularySize { get; init; }

    /// <summary>The chat template; null where the file has none.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The format that most weights are in.</summary>
    public string? Format => Formats.IsDefaultOrEmpty ? null : Formats[0].Name;

    /// <summary>Reads the summary of an open model.</summary>
    /// <exception cref="GgufException">A value has another type than GGUF prescribes.</exception>
    public static ModelSummary Of(GgufFile file)
    {
        var metadata = file.Metadata;
        string? architecture = Value("general.architecture");
        return new ModelSummary
        {
            Architecture = architecture,
            Name = Value("general.name"),
            Parameters = file.Tensors.Values.Sum(tensor => tensor.Count),
            FileSize = file.TotalBytes,
            WeightBytes = file.Tensors.Values.Sum(tensor => tensor.Length),
            Formats =
            [
                .. file.Tensors.Values.GroupBy(tensor => tensor.TypeName)
                    .Select(group => new FormatShare(
                        group.Key, group.Count(), group.Sum(tensor => tensor.Count),
                        group.Sum(tensor => tensor.Length), group.All(tensor => tensor.Format is not null)))
                    .OrderByDescending(share => share.Bytes).ThenBy(share => share.Name, StringComparer.Ordinal),
            ],
            ContextLength = Number("context_length"),
            Layers = Number("block_count"),
            EmbeddingLength = Number("embedding_length"),
            CacheValuesPerToken = Cache(),
            Tokenizer = Value("tokenizer.ggml.model"),
            PreTokenizer = Value("tokenizer.ggml.pre"),
            VocabularySize = metadata.LengthOf("tokenizer.ggml.tokens"),
            ChatTemplate = Value("tokenizer.chat_template"),
        };

        string? Value(string key) => metadata.TryGet<string>(key, out var value) ? value : null;

        int? Number(string key) =>
            architecture is not null && metadata.TryGet<int>($"{architecture}.{key}", out int value) ? value : null;

        // Keys and values of every layer: head_count_kv · (key_length + value_length).
        long? Cache()
        {
            if (Number("block_count") is not (> 0 and <= 4096 and int layers)
                || metadata.PerLayer<int>($"{architecture}.attention.head_count", layers) is not { } heads)
                return null;
            int[] shared = metadata.PerLayer<int>($"{architecture}.attention.head_count_kv", layers) ?? heads;
            int width = heads.Max() > 0 ? (Number("embedding_length") ?? 0) / heads.Max() : 0;
            long key = Number("attention.key_length") ?? width;
            long value = Number("attention.value_length") ?? width;
            return shared.Sum(count => (long)count) * (key + value);
        }
    }
}

/// <summary>How much of a model is in one tensor format.</summary>
/// <param name="Name">GGUF's name for the format.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Bytes">Bytes in the file.</param>
/// <param name="Supported">Whether this program can compute with it.</param>
public sealed record FormatShare(string Name, int Tensors, long Parameters, long Bytes, bool Supported);
