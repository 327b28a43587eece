using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>Weights of sixteen bits, two in each lane.</summary>
internal interface IHalfWeights
{
    /// <summary>The two of each lane, as f32.</summary>
    static abstract void Split<TLanes, TVector>(TVector pair, out TVector even, out TVector odd)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;
}
