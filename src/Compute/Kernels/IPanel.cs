using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>
/// How a family of formats multiplies: weights of some rows become tiles of 32, columns become records of 32.
/// </summary>
internal unsafe interface IPanel
{
    /// <summary>Vectors of one tile.</summary>
    static abstract int TileVectors { get; }

    /// <summary>Bytes of one record.</summary>
    static abstract int RecordBytes { get; }

    /// <summary>Weights that one <see cref="Unpack"/> reads of each row: 32 · its tiles.</summary>
    static abstract int Length { get; }

    /// <summary>Bytes that one <see cref="Unpack"/> reads of each row; zeros stand for weights of no effect.</summary>
    static abstract int Bytes { get; }

    /// <summary>Makes the record of 32 activations.</summary>
    static abstract void Pack(float* x, byte* record);

    /// <summary>Makes the tiles of <paramref name="blocks"/> times <see cref="Length"/> weights of each row.</summary>
    /// <param name="rows">The first block of the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="tiles">Overwritten.</param>
    /// <param name="blocks">How many of each row.</param>
    /// <param name="ahead">As many bytes as are read here, which will be read next; need not exist.</param>
    static abstract void Unpack<TLanes, TVector>(
        byte* rows, nint stride, TVector* tiles, int blocks, byte* ahead)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>sums[c] += Σ tile[t] · records[t, c], row by row of the vector and tile after tile.</summary>
    /// <param name="tiles">[count] tiles.</param>
    /// <param name="count">At least one.</param>
    /// <param name="records">[count, columns] records.</param>
    /// <param name="sums">[columns] f32 vectors.</param>
    /// <param name="columns">At least one.</param>
    static abstract void Add<TLanes, TVector>(
        TVector* tiles, int count, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
