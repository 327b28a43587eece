using System.Collections.Immutable;

namespace Causerie.Chat;

/// <summary>Texts of which one caller wants vectors.</summary>
public sealed record EmbeddingRequest
{
    /// <summary>The model's id as the caller wrote it.</summary>
    public required string Model { get; init; }

    /// <summary>What is to be turned into vectors; at least one.</summary>
    public required ImmutableArray<EmbeddingInput> Inputs { get; init; }

    /// <summary>Numbers of a vector: the first of those that the model gives, scaled to length 1 again. Null keeps all.</summary>
    public int? Dimensions { get; init; }
}

/// <summary>One input of a request: a text, or the token ids of one as they stand.</summary>
public sealed record EmbeddingInput
{
    private EmbeddingInput(string? text, ImmutableArray<int> tokens) => (Text, Tokens) = (text, tokens);

    /// <summary>The text; null where token ids are given.</summary>
    public string? Text { get; }

    /// <summary>The token ids; empty where a text is given.</summary>
    public ImmutableArray<int> Tokens { get; }

    /// <summary>A text, whose control tokens the model adds.</summary>
    public static EmbeddingInput Of(string text) => new(text, []);

    /// <summary>Token ids, to which nothing is added.</summary>
    public static EmbeddingInput Of(ImmutableArray<int> tokens) => new(null, tokens);
}

/// <summary>The vectors of a request.</summary>
/// <param name="Model">The id of the model that gave them.</param>
/// <param name="Vectors">One for each input, of length 1 in the sense of Euclid.</param>
/// <param name="PromptTokens">Tokens read, over all inputs.</param>
public sealed record EmbeddingAnswer(
    string Model, ImmutableArray<ReadOnlyMemory<float>> Vectors, int PromptTokens);
