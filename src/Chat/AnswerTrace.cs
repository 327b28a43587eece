using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>All that decided an answer, and what came of it: enough to give it again, token by token.</summary>
public sealed record AnswerTrace
{
    /// <summary>The engine's version.</summary>
    public required string Engine { get; init; }

    /// <summary>Which instructions it computed with, for people: they should not matter.</summary>
    public required string Instructions { get; init; }

    /// <summary>The model's files in order; several where it is split.</summary>
    public required ImmutableArray<ModelFileHash> Files { get; init; }

    /// <summary>Longest prompt and answer together, in tokens; some models turn positions by it.</summary>
    public required int ContextLength { get; init; }

    /// <summary>How keys and values were kept: <c>f16</c>, <c>q8_0</c> or <c>f32</c>.</summary>
    public required string KeysAndValues { get; init; }

    /// <summary>The present as the chat template saw it.</summary>
    public required DateTime LocalTime { get; init; }

    /// <summary>The prompt's token ids.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>The messages that the prompt is of, where others were left out to fit; null where none were.</summary>
    public ImmutableArray<ChatMessage>? Messages { get; init; }

    /// <summary>How tokens were picked: the seed too, nothing left open.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>The ids that were picked, with that which ended the answer.</summary>
    public required ImmutableArray<int> Output { get; init; }

    /// <summary>[Output] digest of the logits of each token and of all before it.</summary>
    public required ImmutableArray<string> LogitDigests { get; init; }
}

/// <summary>One file of a model: no other has this hash.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
public sealed record ModelFileHash(long Size, string Sha256);
