using Causerie.Compute.Lanes;

namespace Causerie.Compute.Gradients;

/// <summary>c = a · b or c += a · b over at most <see cref="GemmTile.Depth"/> of k, with b packed.</summary>
/// <param name="A">[rows, depth].</param>
/// <param name="Packed">[panels, depth, 32] f32.</param>
/// <param name="C">[rows, stride] f32.</param>
/// <param name="Stride">Elements from one row of C to the next.</param>
/// <param name="Rows">Rows of A and C.</param>
/// <param name="Columns">Columns of C.</param>
/// <param name="Depth">Columns of A.</param>
/// <param name="Load">Whether the product is added to what C holds.</param>
/// <param name="Width">The vectors.</param>
internal readonly unsafe record struct GemmBlock(
    GemmOperand A, nint Packed, nint C, int Stride, int Rows, int Columns, int Depth, bool Load, VectorWidth Width)
{
    public GemmBlock(
        GemmOperand a, float* packed, float* c, int stride, int rows, int columns, int depth, bool Load,
        VectorWidth width)
        : this(a, (nint)packed, (nint)c, stride, rows, columns, depth, Load, width)
    {
    }

    /// <summary>Computes some rows.</summary>
    /// <param name="first">The first one.</param>
    /// <param name="count">Their number.</param>
    /// <param name="scratch"><see cref="GemmTile.ScratchBytes"/> of the thread's own.</param>
    public void Run(int first, int count, float* scratch)
    {
        for (int i = first; i < first + count; i += GemmTile.Rows)
        {
            int rows = Math.Min(GemmTile.Rows, first + count - i);
            GemmTile.PackRows(A.At(i, 0), scratch, rows, Depth);
            float* c = (float*)C + ((nint)i * Stride);
            switch (Width)
            {
                case VectorWidth.Bits512:
                    GemmTile.Row<Lanes512, System.Runtime.Intrinsics.Vector512<uint>>(this, scratch, c, rows);
                    break;
                case VectorWidth.Bits256:
                    GemmTile.Row<Lanes256, System.Runtime.Intrinsics.Vector256<uint>>(this, scratch, c, rows);
                    break;
                case VectorWidth.Bits128:
                    GemmTile.Row<Lanes128, System.Runtime.Intrinsics.Vector128<uint>>(this, scratch, c, rows);
                    break;
                default:
                    GemmTile.Row<ScalarLanes, uint>(this, scratch, c, rows);
                    break;
            }
        }
    }
}
