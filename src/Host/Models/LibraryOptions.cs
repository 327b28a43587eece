using Causerie.Chat;

namespace Causerie.Host.Models;

/// <summary>How long models stay loaded, and in how much memory.</summary>
public sealed record LibraryOptions
{
    /// <summary>How long a model that nobody asks stays loaded; null is for ever, or until its memory is needed.</summary>
    public TimeSpan? UnloadAfter { get; init; }

    /// <summary>
    /// Bytes for all models together. Null is what the process may use, and then a model that exceeds it alone is
    /// loaded all the same, since weights can be read from their file.
    /// </summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Bytes that the model in a file will need, before it is loaded.</summary>
    public Func<string, long> Needs { get; init; } = _ => 0;

    /// <summary>Bytes that a loaded model holds; null where that is not known.</summary>
    public Func<IChatModel, long?> Holds { get; init; } = _ => null;

    /// <summary>Whether the model in a file writes answers, as far as its head tells.</summary>
    public Func<string, bool> Chats { get; init; } = _ => true;

    /// <summary>Whether a loaded model can answer no more, because its file is not what it was, and must be loaded anew.</summary>
    public Func<IChatModel, bool> IsSpoilt { get; init; } = _ => false;
}
