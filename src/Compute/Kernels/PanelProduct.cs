using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>The loops around all kernels: some panels of sixteen rows, as many rows at a time as vectors have lanes.</summary>
/// <remarks>
/// One column goes through registers alone. For many, weights are unpacked to tiles once and meet blocks of columns, or
/// go to registers for each block where machine code does that; a panel is read from front to back, since memory foresees
/// that, and what comes later is asked for while weights are multiplied. Sums of a column never meet another column's, and
/// the order of f32 operations is the same on all ways.
/// </remarks>
internal static unsafe class PanelProduct<TPanel, TLanes, TVector>
    where TPanel : struct, IPanel
    where TLanes : ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Weights of a row unpacked at a time: their tiles fit in the first-level cache.</summary>
    private const int Depth = 512;

    /// <summary>Weights of a row that one call of a kernel without tiles takes: calls of some tens of microseconds.</summary>
    private const int CallDepth = 4096;

    /// <summary>Tiles between two times that memory is asked.</summary>
    private const int TilesOfStep = 4;

    /// <summary>Bytes of weights in a chunk at least: long against taking it.</summary>
    private const long LeastBytes = 96 * 1024;

    /// <summary>At most: short against another process taking the core.</summary>
    private const long MostBytes = 1024 * 1024;

    /// <summary>Chunks that each thread may hope for; the longer they are, the better memory foresees what is read.</summary>
    private const int ChunksOfThread = 8;

    /// <summary>Multiplications that are worth waking a thread for.</summary>
    private const long ChunkWork = 64 * 1024;

    private static int Parts => PanelLayout.Rows / TLanes.Rows;

    private static int DepthOfUnits => Math.Max(Depth, TPanel.Layout.Length);

    private static long TileBytes => (long)DepthOfUnits / 32 * TPanel.TileVectors * sizeof(TVector);

    private static long PackedBytes => (long)DepthOfUnits / TPanel.Layout.Length * TPanel.Layout.UnitBytes;

    /// <summary>Completes a product whose operands are set.</summary>
    public static void Prepare(ref Product product)
    {
        product.RecordBytes = TPanel.RecordBytes;
        product.RecordKind = TPanel.RecordKind;
        product.RecordsTogether = TPanel.RecordsTogether;
        product.Pack = &TPanel.Pack;
        int panels = product.Panels;
        long panelBytes = (long)product.RowBytes * PanelLayout.Rows;
        long panelWork = (long)product.Length * PanelLayout.Rows * product.Count;
        long share = panels * panelBytes / (ChunksOfThread * product.Threads);
        long most = Math.Max(1, Math.Clamp(share, LeastBytes, MostBytes) / Math.Max(1, panelBytes));
        long least = Math.Max(1, ChunkWork / Math.Max(1, panelWork));
        if (product.Count == 1)
        {
            product.RunChunk = &RunOne;
            product.ScratchBytes = TileBytes + PackedBytes;
        }
        else
        {
            long units = TPanel.UnitScratch<TLanes, TVector>();
            product.RunChunk = units > 0 ? &RunUnits : &RunMany;
            product.ScratchBytes =
                PackedBytes + (units > 0 ? units : TileBytes) + ((long)product.Count * PanelLayout.WordBytes);
        }

        product.PanelsOfChunk = (int)Math.Min(panels, Math.Max(least, most));
        product.Chunks = (panels + product.PanelsOfChunk - 1) / product.PanelsOfChunk;
    }

    private static void RunOne(in Product product, int chunk, byte* scratch)
    {
        var tiles = (TVector*)scratch;
        byte* packed = scratch + TileBytes;
        var sums = stackalloc TVector[Parts];
        int end = Math.Min(product.Panels, (chunk + 1) * product.PanelsOfChunk);

        // Where a vector takes all rows of a panel, nothing is met twice and nothing need stay in a cache.
        int depth = Parts == 1 && product.InPanels ? int.MaxValue : DepthOfUnits;
        for (int panel = chunk * product.PanelsOfChunk; panel < end; panel++)
        {
            new Span<TVector>(sums, Parts).Clear();
            for (int k = 0; k < product.Length; k += Math.Min(depth, product.Length))
            {
                int weights = Math.Min(depth, product.Length - k);
                byte* unit = Units(product, panel, k, weights, packed, out int units);
                byte* record = product.Records + ((long)k / 32 * TPanel.RecordBytes);
                for (int part = 0; part < Parts; part++)
                    sums[part] = TPanel.AddOne<TLanes, TVector>(
                        unit, part * TLanes.Rows, units, record, tiles, sums[part]);
            }

            Store(product, panel, (float*)sums, 1);
        }
    }

    /// <summary>Weights go to registers without tiles between, for each block of columns anew.</summary>
    private static void RunUnits(in Product product, int chunk, byte* scratch)
    {
        byte* packed = scratch;
        byte* room = scratch + PackedBytes;
        byte* sums = room + TPanel.UnitScratch<TLanes, TVector>(); // [count, 16] f32
        int end = Math.Min(product.Panels, (chunk + 1) * product.PanelsOfChunk);
        int blocks = (product.Count + Records.Block - 1) / Records.Block;
        int depth = product.InPanels && blocks == 1 ? Math.Max(CallDepth, DepthOfUnits) : DepthOfUnits;
        for (int panel = chunk * product.PanelsOfChunk; panel < end; panel++)
        {
            Unsafe.InitBlockUnaligned(sums, 0, (uint)(product.Count * PanelLayout.WordBytes));
            for (int k = 0; k < product.Length; k += depth)
            {
                byte* unit = Units(product, panel, k, Math.Min(depth, product.Length - k), packed, out int units);
                for (int block = 0; block < blocks; block++)
                    TPanel.AddUnits(
                        unit, units, Records.At(product, block, k / 32),
                        sums + ((long)block * Records.Block * PanelLayout.WordBytes),
                        Records.ColumnsOf(block, product.Count), room);
            }

            Store(product, panel, (float*)sums, product.Count);
        }
    }

    private static void RunMany(in Product product, int chunk, byte* scratch)
    {
        byte* packed = scratch;
        var tiles = (TVector*)(scratch + PackedBytes);
        var sums = (TVector*)(scratch + PackedBytes + TileBytes); // [parts, count]
        int end = Math.Min(product.Panels, (chunk + 1) * product.PanelsOfChunk);
        for (int panel = chunk * product.PanelsOfChunk; panel < end; panel++)
        {
            Unsafe.InitBlockUnaligned(sums, 0, (uint)(product.Count * PanelLayout.WordBytes));
            for (int k = 0; k < product.Length; k += DepthOfUnits)
            {
                int weights = Math.Min(DepthOfUnits, product.Length - k);
                byte* unit = Units(product, panel, k, weights, packed, out int units);
                for (int part = 0; part < Parts; part++)
                {
                    TPanel.Unpack<TLanes, TVector>(unit, part * TLanes.Rows, units, tiles);
                    Add(
                        product, k / 32, (weights + 31) / 32, tiles, sums + ((long)part * product.Count),
                        part == 0 && product.InPanels ? unit : null, units * TPanel.Layout.UnitBytes);
                }
            }

            Store(product, panel, (float*)sums, product.Count);
        }
    }

    /// <summary>Some tiles of a panel meet all columns, block after block.</summary>
    /// <param name="packed">
    /// Where the tiles came from: as many bytes beyond them are asked for meanwhile, a few at a time where columns are few.
    /// Null asks for none.
    /// </param>
    /// <param name="bytes">How many.</param>
    private static void Add(
        in Product product, int firstTile, int count, TVector* tiles, TVector* sums, byte* packed, int bytes)
    {
        int blocks = (product.Count + Records.Block - 1) / Records.Block;
        int step = blocks == 1 ? Math.Max(TilesOfStep, TPanel.RecordsTogether) : count;
        int share = bytes * step / count;
        for (int t = 0; t < count; t += step)
        {
            if (packed != null)
                Prefetch.AskBeyond(packed + (t / step * share), share, bytes);
            for (int block = 0; block < blocks; block++)
                TPanel.Add<TLanes, TVector>(
                    tiles + (t * TPanel.TileVectors), Math.Min(step, count - t),
                    Records.At(product, block, firstTile + t), sums + (block * Records.Block),
                    Records.ColumnsOf(block, product.Count));
        }
    }

    /// <summary>The units of a panel from weight <paramref name="k"/> on; put side by side first where they are not.</summary>
    private static byte* Units(in Product product, int panel, int k, int weights, byte* packed, out int units)
    {
        var layout = TPanel.Layout;
        units = (weights + layout.Length - 1) / layout.Length;
        byte* start = product.Weights
            + ((long)product.RowBytes * PanelLayout.Rows * ((product.FirstRow / PanelLayout.Rows) + panel));
        if (product.InPanels)
            return start + ((long)k / layout.Length * layout.UnitBytes);
        int rows = Math.Min(PanelLayout.Rows, product.Rows - (panel * PanelLayout.Rows));
        byte* source = start + ((long)k / layout.Length * layout.Bytes);
        int whole = weights / layout.Length;
        layout.Pack(source, product.RowBytes, rows, whole, packed);
        if (whole < units)
            PackRest(source + (whole * layout.Bytes), product.RowBytes, rows, weights % layout.Length,
                packed + (whole * layout.UnitBytes));
        return packed;
    }

    /// <summary>Fewer weights than a unit has: the missing ones are zeros.</summary>
    private static void PackRest(byte* source, nint stride, int rows, int weights, byte* target)
    {
        var layout = TPanel.Layout;
        byte* unit = stackalloc byte[layout.UnitBytes];
        new Span<byte>(unit, layout.UnitBytes).Clear();
        int bytes = weights * (layout.Bytes / layout.Length);
        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<byte>(source + (stride * row), bytes)
                .CopyTo(new Span<byte>(unit + (row * layout.Bytes), bytes));
        layout.Pack(unit, layout.Bytes, PanelLayout.Rows, 1, target);
    }

    /// <summary>The sums of a panel's rows, as far as they belong to the product, go to y.</summary>
    /// <param name="sums">[parts, count] vectors.</param>
    private static void Store(in Product product, int panel, float* sums, int count)
    {
        int origin = (panel * PanelLayout.Rows) - (product.FirstRow % PanelLayout.Rows); // may be before y
        int from = Math.Max(0, -origin);
        int to = Math.Min(PanelLayout.Rows, product.Rows - origin);
        for (int part = 0; part < Parts; part++)
        {
            int first = part * TLanes.Rows;
            int low = Math.Max(from, first), high = Math.Min(to, first + TLanes.Rows);
            if (low >= high)
                continue;
            float* source = sums + ((long)first * count) + (low - first);
            float* y = product.Y + origin + low;
            bool whole = high - low == TLanes.Rows;
            for (int c = 0; c < count; c++, y += product.Rows, source += TLanes.Rows)
            {
                if (whole)
                    TLanes.Store(y, *(TVector*)source);
                else
                    new ReadOnlySpan<float>(source, high - low).CopyTo(new Span<float>(y, high - low));
            }
        }
    }
}
