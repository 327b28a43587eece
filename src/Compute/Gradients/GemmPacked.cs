using Causerie.Compute.Lanes;

namespace Causerie.Compute.Gradients;

/// <summary>A right side that is packed whole, for many products on one thread.</summary>
/// <param name="Address">[blocks of depth, panels, 256, 32] f32.</param>
/// <param name="Depth">Its rows.</param>
/// <param name="Columns">Its columns.</param>
internal readonly unsafe record struct GemmPacked(nint Address, int Depth, int Columns)
{
    /// <summary>Bytes of a matrix when it is packed.</summary>
    public static long Bytes(int depth, int columns) =>
        (long)((depth + GemmTile.Depth - 1) / GemmTile.Depth) * GemmTile.PackedBytes(columns);

    /// <summary>Packs a matrix.</summary>
    public static GemmPacked Of(GemmOperand b, int depth, int columns, float* target)
    {
        var packed = new GemmPacked((nint)target, depth, columns);
        for (int k = 0; k < depth; k += GemmTile.Depth)
        {
            for (int panel = 0; panel < GemmTile.Panels(columns); panel++)
                GemmTile.PackPanel(b.At(k, 0), packed.Block(k), panel, Math.Min(GemmTile.Depth, depth - k), columns);
        }
        return packed;
    }

    /// <summary>c = a · b or c += a · b, of the first rows and columns of b.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="c">[rows, stride] f32.</param>
    /// <param name="stride">Elements from one row of c to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">How many columns of b.</param>
    /// <param name="depth">How many rows of b.</param>
    /// <param name="add">Whether the product is added to what c holds.</param>
    /// <param name="width">The vectors.</param>
    /// <param name="scratch"><see cref="GemmTile.ScratchBytes"/>.</param>
    public void Multiply(
        GemmOperand a, float* c, int stride, int rows, int columns, int depth, bool add, VectorWidth width,
        float* scratch)
    {
        for (int k = 0; k < depth; k += GemmTile.Depth)
        {
            int count = Math.Min(GemmTile.Depth, depth - k);
            new GemmBlock(a.At(0, k), Block(k), c, stride, rows, columns, count, Load: add || k > 0, width)
                .Run(0, rows, scratch);
        }
    }

    private float* Block(int k) =>
        (float*)Address + (k / GemmTile.Depth * (GemmTile.PackedBytes(Columns) / sizeof(float)));
}
