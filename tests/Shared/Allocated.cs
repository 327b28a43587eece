namespace Causerie.Tests;

/// <summary>What work allocates on its thread.</summary>
internal static class Allocated
{
    private const int Rounds = 5;

    /// <summary>Bytes of the round that allocated least.</summary>
    /// <remarks>
    /// A collection that other tests bring about ends the thread's piece of the heap, and what was left of it counts as
    /// allocated; what the work itself allocates, it allocates in every round.
    /// </remarks>
    /// <param name="round">The work, warmed up.</param>
    public static long Least(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
