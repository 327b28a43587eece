namespace Causerie.Training.Data;

/// <summary>One sequence to learn from.</summary>
/// <param name="Tokens">[n] ids.</param>
/// <param name="Learnt">[n] whether the model learns to write this token after those before it.</param>
public sealed record Document(int[] Tokens, bool[] Learnt);
