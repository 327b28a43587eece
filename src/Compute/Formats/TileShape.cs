namespace Causerie.Compute.Formats;

/// <summary>
/// The integer families: how large a tile's weights are and how many share a scale decides the instructions.
/// </summary>
internal enum TileShape
{
    /// <summary>Weights 0 to 15, a scale for 32: eight products fit in 16 bits.</summary>
    Nibbles,

    /// <summary>Weights 0 to 15 and a min.</summary>
    NibblesMin,

    /// <summary>Weights 0 to 31, a scale for 32: four products fit in 16 bits.</summary>
    FiveBits,

    /// <summary>Weights 0 to 31 and a min.</summary>
    FiveBitsMin,

    /// <summary>
    /// Weights 0 to 63, a scale for each 16; 16-bit sums start from the offset, so that they end in range.
    /// </summary>
    Halves,

    /// <summary>Weights 0 to 31 without offset, a scale and a min for each 16.</summary>
    HalvesMin,

    /// <summary>Weights 0 to 255, a scale for 32: multiplied as two nibbles.</summary>
    Bytes,
}

/// <summary>What the shapes are like.</summary>
internal static class TileShapes
{
    /// <summary>Whether each sixteen weights have a scale of their own.</summary>
    public static bool HasHalves(this TileShape shape) => shape is TileShape.Halves or TileShape.HalvesMin;

    /// <summary>Whether scales have mins beside them.</summary>
    public static bool HasMin(this TileShape shape) =>
        shape is TileShape.NibblesMin or TileShape.FiveBitsMin or TileShape.HalvesMin;
}
