using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>An encoding that the f32 kernel multiplies: how rows of it become f32 vectors, one weight a lane.</summary>
internal unsafe interface IFloatWeights
{
    /// <summary>Weights that one <see cref="Unpack"/> reads of each row, a multiple of 32.</summary>
    static abstract int Length { get; }

    /// <summary>Bytes of <see cref="Length"/> weights.</summary>
    static abstract int Bytes { get; }

    /// <summary>Decodes weights of several rows: [Length] vectors of f32.</summary>
    static abstract void Unpack<TLanes, TVector>(byte* rows, nint stride, TVector* vectors)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
