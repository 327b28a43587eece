namespace Causerie.Training.Models;

/// <summary>Documents that go through a model together, one behind the other.</summary>
/// <param name="Tokens">[tokens] ids.</param>
/// <param name="Targets">[tokens] the id that follows each, or −1 where what follows is not learnt.</param>
/// <param name="Starts">[documents + 1] where each document begins, and at the end the number of tokens.</param>
public sealed record Batch(int[] Tokens, int[] Targets, int[] Starts)
{
    /// <summary>Tokens whose successor is learnt.</summary>
    public int Learnt => Targets.Count(target => target >= 0);
}
