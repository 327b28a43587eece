using System.Runtime.CompilerServices;
using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Weights decoded to f32 times activations as they are.</summary>
internal readonly unsafe struct FloatPanel<TWeights> : IPanel
    where TWeights : struct, IFloatWeights
{
    public static PanelLayout Layout => TWeights.Layout;

    public static int TileVectors => 32;

    public static int RecordBytes => 32 * sizeof(float);

    public static int RecordKind => -1;

    public static int RecordsTogether => 1;

    public static void Pack(float* x, byte* record, nint stride) =>
        Unsafe.CopyBlockUnaligned(record, x, 32 * sizeof(float));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack<TLanes, TVector>(byte* unit, nint row, int units, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; units > 0; units--, unit += Layout.UnitBytes)
        {
            if (!TWeights.InPairs)
            {
                TWeights.Unpack<TLanes, TVector>(unit, (int)row, tiles);
                tiles += Layout.Length;
                continue;
            }

            var rows = new PanelUnit<TLanes, TVector>(unit, 0, row);
            for (int j = 0; j < 16; j++, tiles += 2)
                TWeights.Pair(rows, j, out tiles[0], out tiles[1]);
        }
    }

    /// <summary>sums[c] += the sum over even weights + the sum over odd ones, in that order for every column.</summary>
    public static void Add<TLanes, TVector>(TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; count > 0; count--, tiles += 32)
        {
            int c = 0;
            for (; c + 4 <= columns; c += 4, records += 4 * RecordBytes)
                AddFour<TLanes, TVector>(tiles, (uint*)records, sums + c);
            for (; c < columns; c++, records += RecordBytes)
                sums[c] = AddTile<TLanes, TVector>(tiles, (uint*)records, sums[c]);
        }
    }

    public static long UnitScratch<TLanes, TVector>()
        where TLanes : ILanes<TVector>
        where TVector : unmanaged => 0;

    public static void AddUnits(byte* unit, int units, byte* records, void* sums, int columns, void* scratch) =>
        throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TVector AddOne<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        for (; units > 0; units--, unit += Layout.UnitBytes)
        {
            if (!TWeights.InPairs)
            {
                TWeights.Unpack<TLanes, TVector>(unit, (int)row, scratch);
                for (int tile = 0; tile < Layout.Length; tile += 32, record += RecordBytes)
                    sum = AddTile<TLanes, TVector>(scratch + tile, (uint*)record, sum);
                continue;
            }

            var rows = new PanelUnit<TLanes, TVector>(unit, 0, row);
            var x = (uint*)record;
            Prefetch.AskBeyond(unit, Layout.UnitBytes);
            TWeights.Pair(rows, 0, out var even, out var odd);
            even = TLanes.Multiply(even, TLanes.Broadcast(x[0]));
            odd = TLanes.Multiply(odd, TLanes.Broadcast(x[1]));
            for (int j = 1; j < 16; j++)
            {
                TWeights.Pair(rows, j, out var w0, out var w1);
                even = TLanes.MultiplyAdd(w0, TLanes.Broadcast(x[2 * j]), even);
                odd = TLanes.MultiplyAdd(w1, TLanes.Broadcast(x[(2 * j) + 1]), odd);
            }

            sum = TLanes.AddSingles(sum, TLanes.AddSingles(even, odd));
            record += RecordBytes;
        }

        return sum;
    }

    /// <summary>Two sums of each of four columns: eight chains keep both multipliers busy.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TLanes, TVector>(TVector* tile, uint* x, TVector* sums)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var even0 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[0]));
        var even1 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[32]));
        var even2 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[64]));
        var even3 = TLanes.Multiply(tile[0], TLanes.Broadcast(x[96]));
        var odd0 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[1]));
        var odd1 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[33]));
        var odd2 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[65]));
        var odd3 = TLanes.Multiply(tile[1], TLanes.Broadcast(x[97]));
        for (var end = tile + 30; tile < end;)
        {
            tile += 2;
            x += 2;
            var w = tile[0];
            even0 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[0]), even0);
            even1 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[32]), even1);
            even2 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[64]), even2);
            even3 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[96]), even3);
            w = tile[1];
            odd0 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[1]), odd0);
            odd1 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[33]), odd1);
            odd2 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[65]), odd2);
            odd3 = TLanes.MultiplyAdd(w, TLanes.Broadcast(x[97]), odd3);
        }

        sums[0] = TLanes.AddSingles(sums[0], TLanes.AddSingles(even0, odd0));
        sums[1] = TLanes.AddSingles(sums[1], TLanes.AddSingles(even1, odd1));
        sums[2] = TLanes.AddSingles(sums[2], TLanes.AddSingles(even2, odd2));
        sums[3] = TLanes.AddSingles(sums[3], TLanes.AddSingles(even3, odd3));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector AddTile<TLanes, TVector>(TVector* tile, uint* x, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged
    {
        var even = TLanes.Multiply(tile[0], TLanes.Broadcast(x[0]));
        var odd = TLanes.Multiply(tile[1], TLanes.Broadcast(x[1]));
        for (var end = tile + 30; tile < end;)
        {
            tile += 2;
            x += 2;
            even = TLanes.MultiplyAdd(tile[0], TLanes.Broadcast(x[0]), even);
            odd = TLanes.MultiplyAdd(tile[1], TLanes.Broadcast(x[1]), odd);
        }

        return TLanes.AddSingles(sum, TLanes.AddSingles(even, odd));
    }
}
