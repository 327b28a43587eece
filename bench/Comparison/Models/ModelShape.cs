namespace Causerie.Bench.Comparison.Models;

/// <summary>The sizes of a published model, without its weights.</summary>
internal sealed record ModelShape(
    string Name, string Architecture, string Vocabulary, int Layers, int Width, int Heads, int KvHeads, int HeadDim,
    int FeedForward, int Tokens, int Context, float RopeBase)
{
    /// <summary>The shapes that can be written.</summary>
    public static IReadOnlyList<ModelShape> All { get; } =
    [
        new("llama-3.2-1b", "llama", "ggml-vocab-llama-bpe.gguf", 16, 2048, 32, 8, 64, 8192, 128256, 131072, 500_000)
        {
            RopeDivisors = true,
        },
        new("qwen3-0.6b", "qwen3", "ggml-vocab-qwen2.gguf", 28, 1024, 16, 8, 128, 3072, 151936, 40960, 1_000_000)
        {
            HeadNorms = true,
        },
        new("qwen3-moe-small", "qwen3moe", "ggml-vocab-qwen2.gguf", 16, 1024, 16, 4, 128, 0, 151936, 40960, 1_000_000)
        {
            HeadNorms = true,
            Experts = 32,
            ExpertsUsed = 4,
            ExpertFeedForward = 768,
        },
    ];

    /// <summary>Whether queries and keys are normalised head by head.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Whether the file divides the rotation's frequencies, as Llama 3.1 and later do.</summary>
    public bool RopeDivisors { get; init; }

    /// <summary>Experts of each layer; 0 for a dense model.</summary>
    public int Experts { get; init; }

    /// <summary>Experts that each token visits.</summary>
    public int ExpertsUsed { get; init; }

    /// <summary>Width of one expert.</summary>
    public int ExpertFeedForward { get; init; }

    /// <summary>The shape of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that are.</exception>
    public static ModelShape Of(string name) => All.FirstOrDefault(shape => shape.Name == name) ??
        throw new ArgumentException($"There is no shape '{name}'; there are {string.Join(", ", All.Select(s => s.Name))}.");
}
