using Causerie.Inference.Models;

namespace Causerie.Inference.KvCache;

/// <summary>What one position needs in a cache, and how long a cache may become.</summary>
/// <param name="Layers">Layers.</param>
/// <param name="KeyWidth">Elements of the keys of one position in one layer.</param>
/// <param name="ValueWidth">Elements of the values of one position in one layer.</param>
/// <param name="Element">How an element is kept.</param>
/// <param name="MaxPositions">Positions that a sequence may reach: the context length.</param>
internal sealed record KvShape(int Layers, int KeyWidth, int ValueWidth, KvElement Element, int MaxPositions)
{
    public static KvShape Of(HyperParameters p, KvElement element, int contextLength) =>
        new(p.Layers, p.KeyWidth, p.ValueWidth, element, contextLength);

    /// <summary>Bytes of one position over all layers.</summary>
    public long BytesPerPosition =>
        (long)Layers * ((long)KeyWidth + ValueWidth) * (Element == KvElement.F16 ? 2 : 4);
}
