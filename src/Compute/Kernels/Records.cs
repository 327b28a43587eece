using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>Columns of activations as the kernels read them: blocks of columns, tile by tile.</summary>
internal static unsafe class Records
{
    /// <summary>Columns of a block: their sums stay in the first-level cache.</summary>
    public const int Block = 64;

    private const int TilesOfChunk = 64; // Whole sets of records that are made together.

    /// <summary>Bytes of all records of a product.</summary>
    public static long Bytes(in Product product) => (long)product.Count * product.Tiles * product.RecordBytes;

    /// <summary>Columns of a block, fewer in the last one.</summary>
    public static int ColumnsOf(int block, int count) => Math.Min(Block, count - (block * Block));

    /// <summary>The records of a block from a tile on.</summary>
    public static byte* At(in Product product, int block, int tile) =>
        product.Records + ((((long)block * Block * product.Tiles) + ((long)tile * ColumnsOf(block, product.Count)))
            * product.RecordBytes);

    /// <summary>Makes the records of a product's columns on all threads.</summary>
    /// <param name="product">Whose kind of records.</param>
    /// <param name="x">[count, length] f32.</param>
    /// <param name="pool">The threads.</param>
    public static void Make(in Product product, float* x, WorkerPool pool) =>
        Make(product, x, null, default(Unmapped), pool);

    /// <summary>The same of x = map(x, y), which x becomes.</summary>
    /// <param name="product">Whose kind of records.</param>
    /// <param name="x">[count, length] f32.</param>
    /// <param name="y">[count, length] f32, or null where nothing is mapped.</param>
    /// <param name="map">The function.</param>
    /// <param name="pool">The threads.</param>
    public static void Make<TMap>(in Product product, float* x, float* y, TMap map, WorkerPool pool)
        where TMap : struct, IMap
    {
        var packing = new Packing<TMap> { Product = product, X = x, Y = y, Map = map };
        pool.Run(packing.Chunks, ref packing);
    }

    private struct Packing<TMap> : IChunkedWork
        where TMap : struct, IMap
    {
        public Product Product;
        public float* X;
        public float* Y;
        public TMap Map;

        private readonly int ChunksOfColumn => (Product.Tiles + TilesOfChunk - 1) / TilesOfChunk;

        public readonly int Chunks => Product.Count * ChunksOfColumn;

        public readonly void Run(int chunk, int worker)
        {
            int column = chunk / ChunksOfColumn;
            int first = chunk % ChunksOfColumn * TilesOfChunk;
            int last = Math.Min(first + TilesOfChunk, Product.Tiles);
            int columns = ColumnsOf(column / Block, Product.Count);
            long at = ((long)column * Product.Length) + (32L * first);
            float* x = X + at;
            if (Y != null)
            {
                int length = Math.Min(32 * last, Product.Length) - (32 * first);
                Kernels.Map.Run(Map, new Span<float>(x, length), new ReadOnlySpan<float>(Y + at, length));
            }

            byte* record = At(Product, column / Block, first) + (column % Block * Product.RecordBytes);
            int together = Product.RecordsTogether, whole = Math.Min(last, Product.Length / 32);
            nint stride = (nint)columns * Product.RecordBytes;
            for (int tile = first; tile < whole; tile += together, x += 32 * together, record += together * stride)
                Product.Pack(x, record, stride);
            if (whole == last)
                return;
            float* padded = stackalloc float[32];
            new Span<float>(padded, 32).Clear();
            new Span<float>(x, Product.Length % 32).CopyTo(new Span<float>(padded, 32));
            Product.Pack(padded, record, stride);
        }
    }

    /// <summary>No function.</summary>
    internal readonly struct Unmapped : IMap
    {
        public Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x;
    }
}
