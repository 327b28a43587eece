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

    /// <summary>Makes tiles of <see cref="Length"/> weights of each row.</summary>
    static abstract void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* tiles)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>sums[c] += tile · records[c], row by row of the vector.</summary>
    static abstract void Add<TLanes, TVector>(TVector* tile, byte* records, TVector* sums, int columns)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
