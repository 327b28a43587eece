using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>
/// How a family of formats multiplies one column: weights go from memory through registers into the sum.
/// </summary>
internal unsafe interface IColumn
{
    /// <summary>Weights that one <see cref="Add"/> reads of each row, a multiple of 32.</summary>
    static abstract int Length { get; }

    /// <summary>Bytes that one <see cref="Add"/> reads of each row.</summary>
    static abstract int Bytes { get; }

    /// <summary>Bytes of the record of 32 activations.</summary>
    static abstract int RecordBytes { get; }

    /// <summary>Vectors that <see cref="Add"/> needs in between.</summary>
    static abstract int ScratchVectors { get; }

    /// <summary>Makes the record of 32 activations.</summary>
    static abstract void Pack(float* x, byte* record);

    /// <summary>
    /// The sum plus some weights of each of several rows times their activations: bit for bit what tiles give.
    /// </summary>
    /// <param name="rows">The weights in the first row.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="record">[Length / 32] records.</param>
    /// <param name="scratch">[<see cref="ScratchVectors"/>].</param>
    /// <param name="sum">The rows' sums so far, f32.</param>
    static abstract TVector Add<TLanes, TVector>(
        byte* rows, nint stride, byte* record, TVector* scratch, TVector sum)
        where TLanes : ISegmentLanes<TVector>
        where TVector : unmanaged;
}
