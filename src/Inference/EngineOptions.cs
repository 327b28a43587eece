using Causerie.Compute.Kernels;
using Causerie.Inference.KvCache;

namespace Causerie.Inference;

/// <summary>How much an engine takes on at once.</summary>
public sealed record EngineOptions
{
    /// <summary>The most that <see cref="MaxSequences"/> may be: beyond it a step takes longer than anyone waits.</summary>
    public const int MostSequences = 1024;

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

    /// <summary>Bytes that the process may use, for the case that <see cref="CacheBytes"/> is null; null asks the system.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Whether keys and values of earlier prompts and answers serve later ones that begin alike.</summary>
    public bool KeepPrefixes { get; init; } = true;

    /// <summary>
    /// Whether tokens are guessed from what was met before, which is faster where a text repeats itself and never changes it.
    /// </summary>
    public bool Speculate { get; init; } = true;

    /// <summary>Threads to compute on; null takes one for each physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>Pages of keys and values for a model.</summary>
    /// <exception cref="ArgumentException">
    /// <see cref="CacheBytes"/> is less than one whole context needs, or more than the machine has.
    /// </exception>
    internal int Pages(KvShape shape)
    {
        long page = shape.PageBytes, least = shape.MaxPages, most = least * MaxSequences;
        long machine = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (CacheBytes is { } asked)
        {
            // The system promises more than it has, and ends the process when the promise is called in.
            if (asked > machine)
                throw new ArgumentException(
                    $"Keys and values should have {asked / 1e9:F2} GB; the process may use {machine / 1e9:F2} GB in all.");
            return asked / page >= least
                ? (int)Math.Min(asked / page, int.MaxValue)
                : throw new ArgumentException(
                    $"{asked / 1e9:0.00###} GB hold the keys and values of {asked / page * KvPages.Positions} tokens, fewer "
                    + $"than the context of {shape.MaxPositions}. Give them {least * page / 1e9:0.00###} GB, or serve a "
                    + "shorter context.");
        }

        long left = Math.Min(MemoryBytes ?? machine, machine) - Environment.WorkingSet;
        return (int)Math.Clamp(left / 2 / page, least, most);
    }

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSequences, MostSequences);
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SharedChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CacheBytes ?? 1, 1, nameof(CacheBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBytes ?? 1, 1, nameof(MemoryBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
    }
}
