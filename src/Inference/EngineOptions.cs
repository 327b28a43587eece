namespace Causerie.Inference;

/// <summary>How much an engine takes on at once.</summary>
public sealed record EngineOptions
{
    /// <summary>Sequences that run together; each may need the memory of a whole context.</summary>
    public int MaxSequences { get; init; } = 4;

    /// <summary>Requests that wait for a place; a further one is refused as overloaded.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>Prompt tokens read in one forward pass: bounds activations, and how long others wait for a token.</summary>
    public int ChunkLength { get; init; } = 512;

    /// <summary>Threads to compute on; null takes one for each physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>Throws where a number is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
    }
}
