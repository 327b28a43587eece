using System.Runtime.CompilerServices;
using Causerie.Compute.Emitted;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Blocks of integers times activations quantised to eight bits.</summary>
internal readonly unsafe struct IntegerPanel<TBlock, TFamily> : IPanel
    where TBlock : struct, ITiledBlock
    where TFamily : struct, ITileFamily
{
    private static int Tiles => TBlock.Length / 32;

    private static int UnitBytes => TBlock.Bytes * PanelLayout.Rows;

    public static PanelLayout Layout => DecodedBlock<TBlock>.Layout;

    public static int TileVectors => Tile.Vectors;

    public static int RecordBytes => ActivationRecord.Bytes;

    public static int RecordKind => (Tiles << 16) | TBlock.Offset;

    public static int RecordsTogether => Tiles;

    private static bool Shared => IntegerKernel.SharesScale<TBlock>();

    public static void Pack(float* x, byte* record, nint stride) =>
        ActivationRecord.Quantize(x, Tiles, TBlock.Offset, record, stride);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack<TLanes, TVector>(byte* unit, nint row, int units, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        int unitBytes = UnitBytes;
        for (; units > 0; units--, unit += unitBytes)
        {
            var rows = new PanelUnit<TLanes, TVector>(unit, TBlock.Bytes % 4, row);
            TBlock.Scales(rows, tiles);
            for (int group = 0; group < Tiles / TBlock.Share; group++)
            {
                tiles = Store(rows, group, 0, tiles);
                if (TBlock.Share > 1)
                    tiles = Store(rows, group, 1, tiles);
                if (TBlock.Share > 2)
                    tiles = Store(rows, group, 3, Store(rows, group, 2, tiles));
            }
        }
    }

    public static void Add<TLanes, TVector>(TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        if (!Shared)
        {
            TFamily.AddMany<TBlock, TLanes, TVector>(tiles, count, records, sums, columns);
            return;
        }

        var unit = stackalloc TVector[columns];
        for (; count > 0; count -= Tiles, tiles += Tiles * Tile.Vectors)
        {
            new Span<TVector>(unit, columns).Clear();
            TFamily.AddMany<TBlock, TLanes, TVector>(tiles, Tiles, records, unit, columns);
            for (int c = 0; c < columns; c++)
                sums[c] = AddUnit<TLanes, TVector>(unit[c], records + ((nint)c * ActivationRecord.Bytes), sums[c]);
            records += (nint)Tiles * columns * ActivationRecord.Bytes;
        }
    }

    public static long UnitScratch<TLanes, TVector>()
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        typeof(TLanes) == typeof(Lanes512) && EmittedUnits<TBlock>.Run ? EmittedUnits<TBlock>.ScratchBytes : 0;

    public static void AddUnits(byte* unit, int units, byte* records, void* sums, int columns, void* scratch) =>
        EmittedUnits<TBlock>.Add(unit, units, records, sums, columns, scratch);

    public static TVector AddOne<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged => TBlock.Share switch
        {
            1 => AddSingles<TLanes, TVector>(unit, row, units, record, scratch, sum),
            2 => AddPairs<TLanes, TVector>(unit, row, units, record, scratch, sum),
            _ => AddFours<TLanes, TVector>(unit, row, units, record, scratch, sum),
        };

    /// <summary>Tiles with words of their own.</summary>
    /// <remarks>
    /// Registers hold eight vectors of a tile's weights, their products with broadcast activations, the constants, and the
    /// rows' sum over all units; the unit's scales lie in scratch. Tiles are written out, here and in the two below,
    /// because the compiler inlines by the size of a method: smaller, it would call what must be inlined.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector AddSingles<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        int unitBytes = UnitBytes;
        for (; units > 0; units--, unit += unitBytes)
        {
            var rows = new PanelUnit<TLanes, TVector>(unit, TBlock.Bytes % 4, row);
            byte* ahead = unit;
            TBlock.Scales(rows, scratch);
            var tile = scratch;
            var total = sum;
            byte* first = record;
            if (Shared)
                sum = TLanes.Broadcast(0);
            for (int group = 0; group < TBlock.Length / 32; group++)
            {
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 0, 0), TBlock.Weights(rows, group, 0, 1),
                    TBlock.Weights(rows, group, 0, 2), TBlock.Weights(rows, group, 0, 3),
                    TBlock.Weights(rows, group, 0, 4), TBlock.Weights(rows, group, 0, 5),
                    TBlock.Weights(rows, group, 0, 6), TBlock.Weights(rows, group, 0, 7),
                    tile, record, sum);
                tile += Tile.Vectors;
                record += ActivationRecord.Bytes;
            }

            if (Shared)
                sum = AddUnit<TLanes, TVector>(sum, first, total);
        }

        return sum;
    }

    /// <summary>Two tiles a group.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector AddPairs<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        int unitBytes = UnitBytes;
        for (; units > 0; units--, unit += unitBytes)
        {
            var rows = new PanelUnit<TLanes, TVector>(unit, TBlock.Bytes % 4, row);
            byte* ahead = unit;
            TBlock.Scales(rows, scratch);
            var tile = scratch;
            var total = sum;
            byte* first = record;
            if (Shared)
                sum = TLanes.Broadcast(0);
            for (int group = 0; group < TBlock.Length / 64; group++)
            {
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 0, 0), TBlock.Weights(rows, group, 0, 1),
                    TBlock.Weights(rows, group, 0, 2), TBlock.Weights(rows, group, 0, 3),
                    TBlock.Weights(rows, group, 0, 4), TBlock.Weights(rows, group, 0, 5),
                    TBlock.Weights(rows, group, 0, 6), TBlock.Weights(rows, group, 0, 7),
                    tile, record, sum);
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 1, 0), TBlock.Weights(rows, group, 1, 1),
                    TBlock.Weights(rows, group, 1, 2), TBlock.Weights(rows, group, 1, 3),
                    TBlock.Weights(rows, group, 1, 4), TBlock.Weights(rows, group, 1, 5),
                    TBlock.Weights(rows, group, 1, 6), TBlock.Weights(rows, group, 1, 7),
                    tile + Tile.Vectors, record + ActivationRecord.Bytes, sum);
                tile += 2 * Tile.Vectors;
                record += 2 * ActivationRecord.Bytes;
            }

            if (Shared)
                sum = AddUnit<TLanes, TVector>(sum, first, total);
        }

        return sum;
    }

    /// <summary>Four tiles a group.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector AddFours<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        int unitBytes = UnitBytes;
        for (; units > 0; units--, unit += unitBytes)
        {
            var rows = new PanelUnit<TLanes, TVector>(unit, TBlock.Bytes % 4, row);
            byte* ahead = unit;
            TBlock.Scales(rows, scratch);
            var tile = scratch;
            var total = sum;
            byte* first = record;
            if (Shared)
                sum = TLanes.Broadcast(0);
            for (int group = 0; group < TBlock.Length / 128; group++)
            {
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 0, 0), TBlock.Weights(rows, group, 0, 1),
                    TBlock.Weights(rows, group, 0, 2), TBlock.Weights(rows, group, 0, 3),
                    TBlock.Weights(rows, group, 0, 4), TBlock.Weights(rows, group, 0, 5),
                    TBlock.Weights(rows, group, 0, 6), TBlock.Weights(rows, group, 0, 7),
                    tile, record, sum);
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 1, 0), TBlock.Weights(rows, group, 1, 1),
                    TBlock.Weights(rows, group, 1, 2), TBlock.Weights(rows, group, 1, 3),
                    TBlock.Weights(rows, group, 1, 4), TBlock.Weights(rows, group, 1, 5),
                    TBlock.Weights(rows, group, 1, 6), TBlock.Weights(rows, group, 1, 7),
                    tile + Tile.Vectors, record + ActivationRecord.Bytes, sum);
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 2, 0), TBlock.Weights(rows, group, 2, 1),
                    TBlock.Weights(rows, group, 2, 2), TBlock.Weights(rows, group, 2, 3),
                    TBlock.Weights(rows, group, 2, 4), TBlock.Weights(rows, group, 2, 5),
                    TBlock.Weights(rows, group, 2, 6), TBlock.Weights(rows, group, 2, 7),
                    tile + (2 * Tile.Vectors), record + (2 * ActivationRecord.Bytes), sum);
                ahead = Ask(ahead);
                sum = TFamily.AddTile<TBlock, TLanes, TVector>(
                    TBlock.Weights(rows, group, 3, 0), TBlock.Weights(rows, group, 3, 1),
                    TBlock.Weights(rows, group, 3, 2), TBlock.Weights(rows, group, 3, 3),
                    TBlock.Weights(rows, group, 3, 4), TBlock.Weights(rows, group, 3, 5),
                    TBlock.Weights(rows, group, 3, 6), TBlock.Weights(rows, group, 3, 7),
                    tile + (3 * Tile.Vectors), record + (3 * ActivationRecord.Bytes), sum);
                tile += 4 * Tile.Vectors;
                record += 4 * ActivationRecord.Bytes;
            }

            if (Shared)
                sum = AddUnit<TLanes, TVector>(sum, first, total);
        }

        return sum;
    }

    /// <summary>sum + a unit's own sum times the scale that its records share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddUnit<TLanes, TVector>(TVector unit, byte* record, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        TLanes.MultiplyAdd(unit, IntegerKernel.At<TLanes, TVector>(record, ActivationRecord.ScaleAt), sum);

    /// <summary>Asks for a tile's share of what comes further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Ask(byte* ahead)
    {
        Prefetch.AskBeyond(ahead, UnitBytes / Tiles);
        return ahead + (UnitBytes / Tiles);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector* Store<TLanes, TVector>(
        PanelUnit<TLanes, TVector> rows, int group, int member, TVector* tile)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        tile[0] = TBlock.Weights(rows, group, member, 0);
        tile[1] = TBlock.Weights(rows, group, member, 1);
        tile[2] = TBlock.Weights(rows, group, member, 2);
        tile[3] = TBlock.Weights(rows, group, member, 3);
        tile[4] = TBlock.Weights(rows, group, member, 4);
        tile[5] = TBlock.Weights(rows, group, member, 5);
        tile[6] = TBlock.Weights(rows, group, member, 6);
        tile[7] = TBlock.Weights(rows, group, member, 7);
        return tile + Tile.Vectors;
    }
}
