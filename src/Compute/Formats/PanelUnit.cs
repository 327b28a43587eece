using System.Runtime.CompilerServices;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Formats;

/// <summary>One unit of some neighbouring rows of a panel: what blocks are unpacked from.</summary>
/// <param name="start">The unit of all sixteen rows.</param>
/// <param name="odd">Bytes of it that do not fill a word.</param>
/// <param name="row">The first of the rows, a multiple of the lanes.</param>
internal readonly unsafe struct PanelUnit<TLanes, TVector>(byte* start, int odd, nint row)
    where TLanes : ILanes<TVector>
    where TVector : unmanaged
{
    private readonly byte* _odd = start + (odd * row);
    private readonly byte* _words = start + (odd * PanelLayout.Rows) + (4 * row);

    /// <summary>Four bytes of each row.</summary>
    public TVector this[int word]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Load(_words + (PanelLayout.WordBytes * word));
    }

    /// <summary>The two bytes of each row that do not fill a word, zeros above them.</summary>
    public TVector OddHalf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.LoadHalves(_odd);
    }

    /// <summary>The byte of each row that does not fill a word, zeros above it.</summary>
    public TVector OddByte
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.LoadBytes(_odd);
    }
}
