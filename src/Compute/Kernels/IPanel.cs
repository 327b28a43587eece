using Causerie.Compute.Formats;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>
/// How a family of formats multiplies: units of some rows become tiles of 32 weights, columns become records of 32.
/// </summary>
internal unsafe interface IPanel
{
    /// <summary>How the rows lie side by side.</summary>
    static abstract PanelLayout Layout { get; }

    /// <summary>Vectors of one tile.</summary>
    static abstract int TileVectors { get; }

    /// <summary>Bytes of one record.</summary>
    static abstract int RecordBytes { get; }

    /// <summary>Records with the same number are the same, whatever the format.</summary>
    static abstract int RecordKind { get; }

    /// <summary>Records that are made together, of one scale.</summary>
    static abstract int RecordsTogether { get; }

    /// <summary>Makes the records of 32 activations each.</summary>
    /// <param name="x">[32 · <see cref="RecordsTogether"/>] f32.</param>
    /// <param name="record">The first one.</param>
    /// <param name="stride">Bytes from a record to the next.</param>
    static abstract void Pack(float* x, byte* record, nint stride);

    /// <summary>Makes the tiles of some units.</summary>
    /// <param name="unit">The first unit of all sixteen rows.</param>
    /// <param name="row">The first of the rows that the lanes take.</param>
    /// <param name="units">At least one.</param>
    /// <param name="tiles">Overwritten.</param>
    static abstract void Unpack<TLanes, TVector>(byte* unit, nint row, int units, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>sums[c] += Σ tile[t] · records[t, c], row by row of the vector and tile after tile.</summary>
    /// <param name="tiles">[count] tiles.</param>
    /// <param name="count">At least one; whole units where records share a scale.</param>
    /// <param name="records">[count, columns] records.</param>
    /// <param name="sums">[columns] f32 vectors.</param>
    /// <param name="columns">At least one.</param>
    static abstract void Add<TLanes, TVector>(
        TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>
    /// The sum plus some units times one column, from memory through registers: bit for bit what tiles give.
    /// </summary>
    /// <param name="unit">The first unit of all sixteen rows.</param>
    /// <param name="row">The first of the rows that the lanes take.</param>
    /// <param name="units">At least one.</param>
    /// <param name="record">[units · length / 32] records.</param>
    /// <param name="scratch">The tiles of one unit.</param>
    /// <param name="sum">The rows' sums so far, f32.</param>
    static abstract TVector AddOne<TLanes, TVector>(
        byte* unit, nint row, int units, byte* record, TVector* scratch, TVector sum)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>Bytes that <see cref="AddUnits"/> needs; 0 where there is no such kernel for vectors like these.</summary>
    static abstract long UnitScratch<TLanes, TVector>()
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>sums[c] += Σ unit[u] · records[u, c], as <see cref="Unpack"/> and <see cref="Add"/> would, without tiles.</summary>
    /// <param name="unit">[units] of all sixteen rows, which a vector takes at a time.</param>
    /// <param name="units">At least one.</param>
    /// <param name="records">[units · length / 32, columns] records.</param>
    /// <param name="sums">[columns, 16] f32.</param>
    /// <param name="columns">1 to <see cref="Records.Block"/>.</param>
    /// <param name="scratch"><see cref="UnitScratch"/>.</param>
    static abstract void AddUnits(byte* unit, int units, byte* records, void* sums, int columns, void* scratch);
}
