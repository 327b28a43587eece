using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>One model file of the <see cref="ModelLibrary"/> as it is now.</summary>
/// <param name="Id">The id that requests name.</param>
/// <param name="File">Full path of the file.</param>
/// <param name="State">Whether it answers.</param>
/// <param name="Progress">How much of it is loaded, 0 to 1.</param>
/// <param name="Stage">What is being done while it loads.</param>
/// <param name="Error">Why the last attempt to load it failed; null when it did not.</param>
public sealed record LibraryModel(
    string Id, string File, LibraryState State, double Progress, LoadStage Stage,
    string? Error);

/// <summary>Where a model file stands.</summary>
public enum LibraryState
{
    /// <summary>On the shelf: loaded when first asked.</summary>
    Shelved,

    /// <summary>Being loaded.</summary>
    Loading,

    /// <summary>Answering.</summary>
    Loaded,

    /// <summary>The last attempt failed; the next request tries again.</summary>
    Failed,
}
