using Causerie.Compute.Kernels;
using Causerie.Inference.Models;

namespace Causerie.Inference.KvCache;

/// <summary>What one position needs in a cache, and how long a sequence may become.</summary>
/// <param name="Layers">Layers.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a key.</param>
/// <param name="ValueDim">Elements of a value.</param>
/// <param name="Element">How an element is kept.</param>
/// <param name="MaxPositions">Positions that a sequence may reach: the context length.</param>
internal sealed record KvShape(
    int Layers, int KvHeads, int HeadDim, int ValueDim, KvElement Element, int MaxPositions)
{
    /// <summary>What a model's sequences need.</summary>
    /// <remarks>An encoder reads a text whole, layer by layer: the keys and values of one layer are all that it keeps.</remarks>
    public static KvShape Of(HyperParameters p, KvElement element, int contextLength) => p.Bidirectional
        ? new(1, p.KvHeads, p.HeadDim, p.ValueDim, KvElement.F32, contextLength)
        : new(p.Layers, p.KvHeads, p.HeadDim, p.ValueDim, element, contextLength);

    /// <summary>Bytes of a page of <see cref="KvPages.Positions"/> positions over all layers.</summary>
    public long PageBytes
    {
        get
        {
            using var none = NewPages(0);
            return none.PageBytes;
        }
    }

    /// <summary>Bytes of one position over all layers.</summary>
    public long BytesPerPosition => PageBytes / KvPages.Positions;

    /// <summary>Pages that a sequence may reach.</summary>
    public int MaxPages => KvPages.For(MaxPositions);

    /// <summary>Memory for keys and values.</summary>
    /// <exception cref="OutOfMemoryException">The system has not so much.</exception>
    public KvPages NewPages(int count) => Element switch
    {
        KvElement.F16 => KvPages.F16(Layers, KvHeads, HeadDim, ValueDim, count),
        KvElement.F32 => KvPages.F32(Layers, KvHeads, HeadDim, ValueDim, count),
        KvElement.Q8_0 => KvPages.Q8_0(Layers, KvHeads, HeadDim, ValueDim, count),
        _ => throw new InvalidOperationException($"There is no element {Element}."),
    };
}
