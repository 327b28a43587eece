using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Looks rows of a table of weights up, as embeddings need.</summary>
public static class TableRows
{
    /// <summary>x[i] = table[rows[i]].</summary>
    /// <param name="table">[any, columns] in any tensor format.</param>
    /// <param name="rows">[n] row numbers.</param>
    /// <param name="x">[n, columns] f32, overwritten.</param>
    /// <param name="pool">Threads for many rows, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The table has no such row.</exception>
    /// <exception cref="ArgumentException"><paramref name="x"/> is too short.</exception>
    public static void Look(WeightMatrix table, ReadOnlySpan<int> rows, Span<float> x, WorkerPool? pool = null)
    {
        if (x.Length < (long)rows.Length * table.Columns)
            throw new ArgumentException($"x holds {x.Length} values, under {rows.Length} · {table.Columns}.", nameof(x));
        var work = new Work(table, rows, x);
        RowShare.Run(ref work, rows.Length, table.Columns, pool);
    }

    private readonly ref struct Work(WeightMatrix table, ReadOnlySpan<int> rows, Span<float> x) : IChunkedWork
    {
        private readonly ReadOnlySpan<int> _rows = rows;
        private readonly Span<float> _x = x;

        public void Run(int chunk, int worker)
        {
            int ofChunk = RowShare.RowsOfChunk(table.Columns);
            for (int i = chunk * ofChunk; i < _rows.Length && i < (chunk + 1) * ofChunk; i++)
                table.DequantizeRow(_rows[i], _x.Slice(i * table.Columns, table.Columns));
        }
    }
}
