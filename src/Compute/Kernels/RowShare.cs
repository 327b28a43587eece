using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>How the rows of the steps between products are shared over threads.</summary>
/// <remarks>
/// A chunk takes several microseconds, so that waking a thread pays; one token's row is less than that and stays with
/// its caller. Rows and elements do not meet one another: who computes them leaves no trace in the bits.
/// </remarks>
internal static class RowShare
{
    /// <summary>Elements of a chunk.</summary>
    public const int Elements = 16 * 1024;

    /// <summary>Rows of a chunk.</summary>
    public static int RowsOfChunk(int width) => Math.Max(1, Elements / Math.Max(1, width));

    /// <summary>Runs <paramref name="work"/> over chunks of <see cref="RowsOfChunk"/> rows.</summary>
    /// <param name="work">What each chunk does.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="pool">The threads; null is the caller's alone.</param>
    public static void Run<TWork>(ref TWork work, int rows, int width, WorkerPool? pool)
        where TWork : struct, IChunkedWork, allows ref struct
    {
        int ofChunk = RowsOfChunk(width);
        int chunks = (rows / ofChunk) + (rows % ofChunk == 0 ? 0 : 1);
        if (chunks > 1 && pool is not null)
        {
            pool.Run(chunks, ref work);
            return;
        }
        for (int chunk = 0; chunk < chunks; chunk++)
            work.Run(chunk, 0);
    }

    /// <summary>The elements that a chunk's rows lie in, of <paramref name="length"/> in all.</summary>
    public static Range Of(int chunk, int width, int length)
    {
        int elements = RowsOfChunk(width) * width;
        int start = chunk * elements;
        return start..(start + Math.Min(elements, length - start));
    }
}
