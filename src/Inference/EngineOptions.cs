using Causerie.Compute.Kernels;
using Causerie.Inference.KvCache;

namespace Causerie.Inference;

/// <summary>How much an engine takes on at once.</summary>
public sealed record EngineOptions
{
    /// <summary>Sequences that run together.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Requests that wait for a place; a further one is refused as overloaded.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>Prompt tokens read in one forward pass while nobody writes: bounds activations.</summary>
    public int ChunkLength { get; init; } = 512;

    /// <summary>Prompt tokens read in one forward pass while others write: bounds how long they wait for a token.</summary>
    public int SharedChunkLength { get; init; } = 64;

    /// <summary>
    /// Bytes of memory for keys and values; null takes half of what the process may still use, or room for
    /// <see cref="MaxSequences"/> whole contexts if that is less. One whole context is the least.
    /// </summary>
    public long? CacheBytes { get; init; }

    /// <summary>Whether keys and values of earlier prompts and answers serve later ones that begin alike.</summary>
    public bool KeepPrefixes { get; init; } = true;

    /// <summary>
    /// Whether tokens are guessed from what was met before, which is faster where a text repeats itself and never changes it.
    /// </summary>
    public bool Speculate { get; init; } = true;

    /// <summary>Threads to compute on; null takes one for each physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>Pages of keys and values for a model.</summary>
    /// <exception cref="ArgumentException"><see cref="CacheBytes"/> is less than one whole context needs.</exception>
    internal int Pages(KvShape shape)
    {
        long page = shape.PageBytes, least = shape.MaxPages, most = least * MaxSequences;
        if (CacheBytes is { } asked)
            return asked / page >= least
                ? (int)Math.Min(asked / page, int.MaxValue)
                : throw new ArgumentException(
                    $"{asked / 1e9:F2} GB hold the keys and values of {asked / page * KvPages.Positions} tokens, fewer than the "
                    + $"context of {shape.MaxPositions}. Give them {least * page / 1e9:F2} GB, or serve a shorter context.");
        long left = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        return (int)Math.Clamp(left / 2 / page, least, most);
    }

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SharedChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CacheBytes ?? 1, 1, nameof(CacheBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
    }
}
