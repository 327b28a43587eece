namespace Causerie.Host.Serving;

/// <summary>The server cannot start, with a message that says what to do about it.</summary>
public sealed class ServerException(string message, Exception? inner = null) : Exception(message, inner);
