namespace Causerie.Compute.Memory;

/// <summary>A mapped file was cut or written to while it was in use, so that its bytes can be relied on no more.</summary>
public sealed class FileChangedException(string message) : IOException(message);
