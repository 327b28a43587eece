namespace Causerie.Conversations.Storage;

/// <summary>The database cannot be used as it is; the message says what is wrong with it and what to do.</summary>
/// <remarks>A database that is refused is left exactly as it was found.</remarks>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
