using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>
/// Writes <see cref="IntegerKernel"/>'s inner loops with <c>vpdpbusd</c>, which sums four products of bytes in 32 bits.
/// </summary>
/// <remarks>
/// Same integers, same f32 expression in the same order as the managed kernel. rdi holds the tile, rsi tiles left, rdx the
/// record, rcx the sums, r8 the columns (System V's arguments); rax the column's sum, r9 columns left; vectors are those of
/// <see cref="ColumnCode"/>.
/// </remarks>
internal sealed class TileKernelCode(Assembler code, bool halves, bool offset, bool min)
{
    private const int VectorBytes = 64;

    private static readonly Place Tiles = new(Register.Rdi, 0);
    private static readonly Place Sums = new(Register.Rcx, 0);
    private static readonly Place ColumnSum = new(Register.Rax, 0);

    private readonly ColumnCode _column = new(code, halves, offset, min);

    /// <summary>Many columns: each tile is read once, the sums once a tile.</summary>
    public void WriteMany()
    {
        int tile = code.Position;
        LoadTile();
        code.Mov(Register.Rax, Register.Rcx);
        code.Mov(Register.R9, Register.R8);
        int column = code.Position;
        code.Vmovups(ColumnCode.Sum, ColumnSum);
        _column.AddProduct();
        code.Vmovups(ColumnSum, ColumnCode.Sum);
        code.Add(Register.Rdx, ActivationRecord.Bytes);
        code.Add(Register.Rax, VectorBytes);
        code.Dec(Register.R9);
        code.Jnz(column);
        code.Add(Register.Rdi, Tile.Vectors * VectorBytes);
        code.Dec(Register.Rsi);
        code.Jnz(tile);
        code.Vzeroupper();
        code.Ret();
    }

    /// <summary>One column, whatever r8 says: its sum stays in a register.</summary>
    public void WriteOne()
    {
        code.Vmovups(ColumnCode.Sum, Sums);
        int tile = code.Position;
        LoadTile();
        _column.AddProduct();
        code.Add(Register.Rdx, ActivationRecord.Bytes);
        code.Add(Register.Rdi, Tile.Vectors * VectorBytes);
        code.Dec(Register.Rsi);
        code.Jnz(tile);
        code.Vmovups(Sums, ColumnCode.Sum);
        code.Vzeroupper();
        code.Ret();
    }

    private void LoadTile()
    {
        for (int j = 0; j < 8; j++)
            code.Vmovups(ColumnCode.Of(j), Tiles + (j * VectorBytes));
        foreach (int vector in _column.Factors)
            code.Vmovups(ColumnCode.Of(vector), Tiles + (vector * VectorBytes));
    }
}
