using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Web.State;

/// <summary>How the page asks its host for another model; the host fills it in, the page knows no files.</summary>
/// <remarks>
/// Register one as a singleton before <c>MapCauserieWeb</c>; without one the page tells how to start with a model but
/// cannot add one. That a model answers is seen in <see cref="IChatModel.Models"/>.
/// </remarks>
public sealed class ModelShelf
{
    /// <summary>The folder that holds the models, as people may name it to other programs; shown on the page.</summary>
    public required string Folder { get; init; }

    /// <summary>Puts the file at a path of this machine on the shelf and loads it; ends when it answers.</summary>
    /// <remarks>Throws <see cref="ChatException"/> that says why not. A page that goes away does not stop it.</remarks>
    public required Func<string, CancellationToken, Task> LoadAsync { get; init; }

    /// <summary>The models being loaded now and those that could not be.</summary>
    public required Func<ImmutableArray<ModelLoad>> Loading { get; init; }

    /// <summary>
    /// Where a file is sent: the page does <c>PUT {UploadUrl}/{file name}</c>, the name percent-encoded, the file's bytes
    /// as the body. Success is any 2xx once the file is whole and on the shelf; else the body's JSON
    /// <c>{"error":{"message":…}}</c> is shown. Null where files cannot be sent.
    /// </summary>
    public string? UploadUrl { get; init; }

    /// <summary>Models to go on to, with what each would do on this machine.</summary>
    public Func<ImmutableArray<ModelSuggestion>> Suggestions { get; init; } = () => [];
}

/// <summary>A model that could be fetched.</summary>
/// <param name="Name">Its name for people.</param>
/// <param name="Command">What fetches it, typed in a terminal.</param>
/// <param name="Bytes">Its download.</param>
/// <param name="Memory">The memory that it wants, in bytes.</param>
/// <param name="Fits">Whether this machine has that.</param>
/// <param name="TokensPerSecond">About how fast it would write here; null where it does not fit or that is not known.</param>
public sealed record ModelSuggestion(
    string Name, string Command, long Bytes, long Memory, bool Fits, double? TokensPerSecond);

/// <summary>A model on its way into memory.</summary>
/// <param name="Model">The id that it will answer to.</param>
/// <param name="Fraction">How much of it is loaded, 0 to 1; null when unknown.</param>
/// <param name="Error">Why it could not be loaded; null while it is on its way.</param>
public sealed record ModelLoad(string Model, double? Fraction, string? Error)
{
    /// <summary>What is being done; null when unknown.</summary>
    public ModelLoadStage? Stage { get; init; }
}

/// <summary>What is being done with a model on its way into memory.</summary>
public enum ModelLoadStage
{
    /// <summary>Its file is read and checked.</summary>
    ReadingFile,

    /// <summary>Its weights are put into the order that the engine reads.</summary>
    ArrangingWeights,

    /// <summary>Its weights are read as an earlier start arranged them.</summary>
    ReadingArrangedWeights,

    /// <summary>Its vocabulary is made ready.</summary>
    PreparingVocabulary,
}
