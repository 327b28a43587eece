namespace Causerie.Inference;

/// <summary>A model cannot guess what another one writes: their tokens are not the same.</summary>
public sealed class DraftException(string message) : Exception(message);
