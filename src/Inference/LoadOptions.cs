using Causerie.Inference.KvCache;
using Causerie.Inference.Panels;

namespace Causerie.Inference;

/// <summary>How a model file is opened.</summary>
public sealed record LoadOptions
{
    /// <summary>The context that is served unless <see cref="ContextLength"/> says otherwise, in tokens.</summary>
    public const int DefaultContextLength = 8192;

    /// <summary>The id that requests name the model by; null takes the file's name.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// Longest prompt and answer together, in tokens; at most what the model was trained for. Null takes the smaller of
    /// that and <see cref="DefaultContextLength"/>, halved until one sequence's cache needs at most an eighth of
    /// the memory that the process may use.
    /// </summary>
    public int? ContextLength { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public KvElement KvElement { get; init; } = KvElement.F16;

    /// <summary>Threads that arrange the weights; null takes one for each physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// A folder where arranged weights are kept for the next start, as large as the models; null keeps none.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>What is kept in that folder.</summary>
    internal PanelLimits Limits { get; init; } = new();
}

/// <summary>How far the opening of a model has come.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">0 to 1, of the whole opening.</param>
public sealed record LoadProgress(LoadStage Stage, double Fraction);

/// <summary>What is being done while a model opens.</summary>
public enum LoadStage
{
    /// <summary>The file's head is read.</summary>
    ReadFile,

    /// <summary>Tensors are found and checked.</summary>
    CheckWeights,

    /// <summary>Weights are put into the order that the kernels read.</summary>
    ArrangeWeights,

    /// <summary>Weights are read as an earlier start arranged them.</summary>
    ReadArranged,

    /// <summary>The vocabulary is made ready.</summary>
    PrepareVocabulary,

    /// <summary>The model answers.</summary>
    Ready,
}

/// <summary>The memory that a model needs.</summary>
/// <param name="Weights">Bytes of weights: as many in memory as in the file, whatever their order.</param>
/// <param name="KvPerToken">Bytes of keys and values of one token of one sequence.</param>
/// <param name="ContextLength">The context served, in tokens.</param>
public sealed record MemoryEstimate(long Weights, long KvPerToken, int ContextLength)
{
    /// <summary>Bytes of keys and values of one sequence as long as the context.</summary>
    public long KvAtContext => KvPerToken * ContextLength;

    /// <summary>Bytes in all, with one sequence as long as the context.</summary>
    public long Total => Weights + KvAtContext;
}
