using Causerie.Compute.Lanes;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Activations times transposed weights: where nearly all the time of a model goes.</summary>
/// <remarks>
/// F32, F16, BF16 and the formats without an integer kernel multiply in f32; all others meet activations quantised to
/// eight bits, 32 to a scale. A column's result has the same bits whatever the other columns, the number of threads
/// and the instructions, and whether the weights lie in panels.
/// </remarks>
public static unsafe class MatMul
{
    /// <summary>y = x · wᵀ.</summary>
    /// <param name="weights">[rows, columns] in any tensor format.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException"><paramref name="x"/> or <paramref name="y"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Multiply(
        WeightMatrix weights, ReadOnlySpan<float> x, int count, Span<float> y, WorkerPool pool) =>
        Multiply(weights, 0, weights.Rows, x, count, y, pool, VectorWidths.Widest());

    /// <summary>y = x · wᵀ for some rows of w, such as one expert's, without a slice to allocate.</summary>
    /// <param name="weights">[any, columns] in any tensor format.</param>
    /// <param name="firstRow">The first row that takes part.</param>
    /// <param name="rows">How many take part.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="y">[count, rows] f32, overwritten.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> or <paramref name="y"/> is too short, or the rows are not all the matrix's.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Multiply(
        WeightMatrix weights, int firstRow, int rows, ReadOnlySpan<float> x, int count, Span<float> y,
        WorkerPool pool) =>
        Multiply(weights, firstRow, rows, x, count, y, pool, VectorWidths.Widest());

    /// <summary>Two products of the same activations in one pass: a = x · vᵀ, b = x · wᵀ.</summary>
    /// <param name="v">[rows of a, columns].</param>
    /// <param name="a">[count, rows of v] f32, overwritten.</param>
    /// <param name="w">[rows of b, columns].</param>
    /// <param name="b">[count, rows of w] f32, overwritten.</param>
    /// <param name="x">[count, columns] f32.</param>
    /// <param name="count">Columns of the batch: tokens.</param>
    /// <param name="pool">The threads to run on.</param>
    /// <exception cref="ArgumentException">A span is too short, or the matrices have different columns.</exception>
    /// <exception cref="ObjectDisposedException">The weights' file is closed, or the pool is.</exception>
    public static void Multiply(
        WeightMatrix v, Span<float> a, WeightMatrix w, Span<float> b, ReadOnlySpan<float> x, int count, WorkerPool pool)
    {
        RequireSameColumns(v, w);
        fixed (float* px = x, pa = a, pb = b)
        {
            var width = VectorWidths.Widest();
            var (pv, pw) = (v.Storage.Place, w.Storage.Place);
            Run(
                [pv, pw],
                [Of(v, pv, 0, v.Rows, x, count, a, pa, pool, width), Of(w, pw, 0, w.Rows, x, count, b, pb, pool, width)], px, pool);
        }
    }

    /// <summary>Three products of the same activations in one pass, as queries, keys and values are.</summary>
    /// <inheritdoc cref="Multiply(WeightMatrix, Span{float}, WeightMatrix, Span{float}, ReadOnlySpan{float}, int, WorkerPool)" path="/exception"/>
    public static void Multiply(
        WeightMatrix u, Span<float> a, WeightMatrix v, Span<float> b, WeightMatrix w, Span<float> c,
        ReadOnlySpan<float> x, int count, WorkerPool pool)
    {
        RequireSameColumns(u, v);
        RequireSameColumns(u, w);
        fixed (float* px = x, pa = a, pb = b, pc = c)
        {
            var width = VectorWidths.Widest();
            var (pu, pv, pw) = (u.Storage.Place, v.Storage.Place, w.Storage.Place);
            Run(
                [pu, pv, pw],
                [
                    Of(u, pu, 0, u.Rows, x, count, a, pa, pool, width), Of(v, pv, 0, v.Rows, x, count, b, pb, pool, width),
                    Of(w, pw, 0, w.Rows, x, count, c, pc, pool, width),
                ],
                px, pool);
        }
    }

    /// <summary>The same as one product with chosen instructions, which must be supported.</summary>
    internal static void Multiply(
        WeightMatrix weights, int firstRow, int rows, ReadOnlySpan<float> x, int count, Span<float> y,
        WorkerPool pool, VectorWidth width)
    {
        var place = weights.Storage.Place;
        fixed (float* px = x, py = y)
            Run([place], [Of(weights, place, firstRow, rows, x, count, y, py, pool, width)], px, pool);
    }

    /// <summary>y = map(x, other) · wᵀ; x becomes map(x, other) on the way, without a pass of its own.</summary>
    internal static void MultiplyMapped<TMap>(
        WeightMatrix weights, TMap map, Span<float> x, ReadOnlySpan<float> other, int count, Span<float> y,
        WorkerPool pool)
        where TMap : struct, IMap
    {
        if (other.Length < (long)count * weights.Columns)
            throw new ArgumentException(
                $"The second array holds {other.Length} values, under {count} · {weights.Columns}.", nameof(other));
        var place = weights.Storage.Place;
        fixed (float* px = x, po = other, py = y)
            Run(
                [place], [Of(weights, place, 0, weights.Rows, x, count, y, py, pool, VectorWidths.Widest())],
                px, po, map, pool);
    }

    private static void RequireSameColumns(WeightMatrix a, WeightMatrix b)
    {
        if (a.Columns != b.Columns)
            throw new ArgumentException($"Rows of {a.Columns} and of {b.Columns} weights meet no common activations.");
    }

    private static Product Of(
        WeightMatrix weights, WeightPlace place, int firstRow, int rows, ReadOnlySpan<float> x, int count, Span<float> y,
        float* target, WorkerPool pool, VectorWidth width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, weights.Rows - firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (x.Length < (long)count * weights.Columns)
            throw new ArgumentException($"x holds {x.Length} values, under {count} · {weights.Columns}.", nameof(x));
        if (y.Length < (long)count * rows)
            throw new ArgumentException($"y holds {y.Length} values, under {count} · {rows}.", nameof(y));
        firstRow += weights.FirstRow;
        var product = new Product
        {
            Weights = place.Data + (place.InPanels ? 0 : weights.RowBytes * firstRow),
            RowBytes = checked((nint)weights.RowBytes),
            InPanels = place.InPanels,
            FirstRow = place.InPanels ? firstRow : 0,
            Rows = rows,
            Length = weights.Columns,
            Count = count,
            Threads = pool.Threads,
            Y = target,
        };
        if (rows > 0 && count > 0)
            weights.Format.Prepare(ref product, width);
        return product;
    }

    /// <summary>Runs checked, pinned products of the same columns.</summary>
    private static void Run(ReadOnlySpan<WeightPlace> places, Span<Product> products, float* x, WorkerPool pool) =>
        Run(places, products, x, null, default(Records.Unmapped), pool);

    private static void Run<TMap>(
        ReadOnlySpan<WeightPlace> places, Span<Product> products, float* x, float* other, TMap map, WorkerPool pool)
        where TMap : struct, IMap
    {
        pool.RefuseWorkers();
        int entered = 0;
        try
        {
            for (; entered < places.Length; entered++)
                places[entered].Region.Enter();
            lock (pool.Gate)
            {
                MakeRecords(products, x, other, map, pool);
                fixed (Product* first = products)
                {
                    var work = new Chunks { Products = first, Pool = pool };
                    int chunks = 0;
                    foreach (ref readonly var product in products)
                        chunks += product.Chunks;
                    pool.Run(chunks, ref work);
                }
            }
        }
        finally
        {
            while (entered > 0)
                places[--entered].Region.Exit();
        }
    }

    /// <summary>Packs the columns once for each kind of record that the products read.</summary>
    private static void MakeRecords<TMap>(Span<Product> products, float* x, float* other, TMap map, WorkerPool pool)
        where TMap : struct, IMap
    {
        long bytes = 0;
        foreach (ref readonly var product in products)
            bytes += Records.Bytes(product);
        byte* next = pool.Shared(bytes);
        for (int i = 0; i < products.Length; i++)
        {
            if (products[i].Chunks == 0)
                continue;
            for (int j = 0; j < i; j++)
                if (products[j].Chunks > 0 && products[j].RecordKind == products[i].RecordKind)
                    products[i].Records = products[j].Records;
            if (products[i].Records != null)
                continue;
            products[i].Records = next;
            Records.Make(products[i], x, other, map, pool);
            other = null; // x is mapped now.
            next += Records.Bytes(products[i]);
        }
    }

    private struct Chunks : IChunkedWork
    {
        public Product* Products;
        public WorkerPool Pool;

        public readonly void Run(int chunk, int worker)
        {
            var product = Products;
            for (; chunk >= product->Chunks; product++)
                chunk -= product->Chunks;
            product->RunChunk(*product, chunk, Pool.Scratch(worker, product->ScratchBytes));
        }
    }
}
