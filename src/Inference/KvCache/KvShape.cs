using Causerie.Compute.Kernels;
using Causerie.Inference.Models;

namespace Causerie.Inference.KvCache;

/// <summary>What one position needs in a cache, and how long a cache may become.</summary>
/// <param name="Layers">Layers.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a key.</param>
/// <param name="ValueDim">Elements of a value.</param>
/// <param name="Element">How an element is kept.</param>
/// <param name="MaxPositions">Positions that a sequence may reach: the context length.</param>
internal sealed record KvShape(
    int Layers, int KvHeads, int HeadDim, int ValueDim, KvElement Element, int MaxPositions)
{
    public static KvShape Of(HyperParameters p, KvElement element, int contextLength) =>
        new(p.Layers, p.KvHeads, p.HeadDim, p.ValueDim, element, contextLength);

    /// <summary>Bytes of one position over all layers.</summary>
    public long BytesPerPosition => Layers * NewLayer().BytesPerPosition;

    /// <summary>Room for the keys and values of one layer.</summary>
    public KvTiles NewLayer() => Element switch
    {
        KvElement.F16 => KvTiles.F16(KvHeads, HeadDim, ValueDim),
        KvElement.F32 => KvTiles.F32(KvHeads, HeadDim, ValueDim),
        KvElement.Q8_0 => KvTiles.Q8_0(KvHeads, HeadDim, ValueDim),
        _ => throw new ArgumentOutOfRangeException(nameof(Element), Element, "No such element."),
    };
}
