using System.Runtime.InteropServices;
using Causerie.Compute.Emitted.Symbols;
using Causerie.Compute.Formats;

namespace Causerie.Compute.Emitted;

/// <summary>How a block of sixteen rows unpacks to tiles, found by running the block's own code on symbols.</summary>
internal sealed unsafe class UnitDescription
{
    private UnitDescription(int bytes, int tiles) =>
        (Bytes, Weights, Factors) = (bytes, new int[tiles][], new Dictionary<int, int>[tiles]);

    /// <summary>All vectors.</summary>
    public SymbolGraph Graph { get; } = new();

    /// <summary>Bytes of the unit of sixteen rows.</summary>
    public int Bytes { get; }

    /// <summary>Tiles of the unit.</summary>
    public int Tiles => Weights.Length;

    /// <summary>[tiles, 8] nodes of the weights.</summary>
    public int[][] Weights { get; }

    /// <summary>[tiles] nodes of scales and mins, by their vector in a <see cref="Tile"/>.</summary>
    public Dictionary<int, int>[] Factors { get; }

    /// <summary>Describes a block.</summary>
    /// <param name="factors">The vectors of a <see cref="Tile"/> that the block's shape uses.</param>
    public static UnitDescription Of<TBlock>(IReadOnlyCollection<int> factors)
        where TBlock : struct, ITiledBlock
    {
        int tiles = TBlock.Length / 32;
        var description = new UnitDescription(TBlock.Bytes * PanelLayout.Rows, tiles);
        var graph = description.Graph;
        var unit = new PanelUnit<SymbolLanes, Symbol>(null, TBlock.Bytes % 4, 0);
        var room = (Symbol*)NativeMemory.AllocZeroed((nuint)tiles * Tile.Vectors, (nuint)sizeof(Symbol));
        try
        {
            TBlock.Scales(unit, room);
            for (int tile = 0; tile < tiles; tile++)
            {
                int group = tile / TBlock.Share, member = tile % TBlock.Share;
                var vectors = room + (tile * Tile.Vectors);
                description.Factors[tile] = factors.ToDictionary(vector => vector, vector => graph.Add(vectors[vector]));
                description.Weights[tile] =
                    [.. Enumerable.Range(0, 8).Select(j => graph.Add(TBlock.Weights(unit, group, member, j)))];
            }
        }
        finally
        {
            NativeMemory.Free(room);
        }

        return description;
    }
}
