namespace Causerie.Compute.Lanes;

/// <summary>
/// Lanes of a wide vector, which also holds sixteen bytes of a row in one piece: a segment of four lanes.
/// </summary>
/// <typeparam name="TVector">As many segments as a quarter of its lanes.</typeparam>
internal unsafe interface ISegmentLanes<TVector> : ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Sixteen bytes of each row: vector i of four holds rows i, i + 4, i + 8 …</summary>
    static abstract void Segments(
        byte* rows, nint stride, out TVector a, out TVector b, out TVector c, out TVector d);

    /// <summary>64 bytes of each row, as sixteen vectors of four bytes of each row.</summary>
    static abstract void TransposeLine(byte* rows, nint stride, TVector* vectors);

    /// <summary>The same sixteen bytes in every segment.</summary>
    static abstract TVector Repeat(byte* bytes);

    /// <summary>max(a, 0), as signed bytes.</summary>
    static abstract TVector PositiveBytes(TVector a);

    /// <summary>−a, as signed bytes.</summary>
    static abstract TVector NegateBytes(TVector a);

    /// <summary>a − b, as i16, wrapping.</summary>
    static abstract TVector SubtractShorts(TVector a, TVector b);

    /// <summary>Each row's sum of its segment's four i32, the rows in order.</summary>
    static abstract TVector SumSegments(TVector a, TVector b, TVector c, TVector d);

    /// <summary>Each row's sums of its segment's even i16 and of its odd ones, the rows in order.</summary>
    static abstract TVector SumSegmentShorts(TVector a, TVector b, TVector c, TVector d);
}
