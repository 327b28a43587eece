using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>An encoding that the f32 kernel multiplies: how rows of it become f32 vectors, one weight a lane.</summary>
internal unsafe interface IFloatWeights
{
    /// <summary>How the rows lie side by side.</summary>
    static abstract PanelLayout Layout { get; }

    /// <summary>Whether <see cref="Pair"/> is cheap; otherwise a unit is decoded whole.</summary>
    static abstract bool InPairs { get; }

    /// <summary>Weights 2j and 2j + 1 of each row.</summary>
    static abstract void Pair<TLanes, TVector>(
        PanelUnit<TLanes, TVector> unit, int j, out TVector even, out TVector odd)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged;

    /// <summary>Decodes a unit where weights are not <see cref="InPairs"/>: vectors of f32.</summary>
    /// <param name="unit">The unit of all sixteen rows.</param>
    /// <param name="row">The first of the rows that the lanes take.</param>
    /// <param name="vectors">[length].</param>
    static virtual void Unpack<TLanes, TVector>(byte* unit, int row, TVector* vectors)
        where TLanes : ILanes<TVector>
        where TVector : unmanaged =>
        throw new NotSupportedException();
}
