using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>
/// Writes <see cref="IntegerKernel"/>'s inner loops with <c>vpdpbusd</c>, which sums four products of bytes in 32 bits.
/// </summary>
/// <remarks>
/// Same integers, same f32 expression in the same order as the managed kernel. What the registers hold:
/// <list type="bullet">
/// <item>rdi the tile, rsi tiles left, rdx the record, rcx the sums, r8 the columns (System V's arguments);</item>
/// <item>rax the column's sum, r9 columns left;</item>
/// <item>zmm16 to 23 the tile's weights, 24 and 25 its scales, 26 and 27 its mins;</item>
/// <item>zmm0 and 1 the integer dots, 2 the scales' product, 3 the sum, 4 the first half's share of the offset.</item>
/// </list>
/// A column costs eight multiplications of bytes and two or more of f32 on two ports, and eleven or more loads on two
/// ports: near the limit of both, so that neither unrolling nor more tiles in registers gain.
/// </remarks>
internal sealed class TileKernelCode(Assembler code, bool halves, bool offset, bool min)
{
    private const int VectorBytes = 64;

    private static readonly Zmm Dot0 = new(0);
    private static readonly Zmm Dot1 = new(1);
    private static readonly Zmm Factor = new(2);
    private static readonly Zmm Sum = new(3);
    private static readonly Zmm FirstOffset = new(4);

    private static readonly Place Tiles = new(Register.Rdi, 0);
    private static readonly Place Record = new(Register.Rdx, 0);
    private static readonly Place Sums = new(Register.Rcx, 0);
    private static readonly Place ColumnSum = new(Register.Rax, 0);

    private static Zmm Weights(int index) => new(16 + index);

    private static Zmm Scale(int half) => new(24 + half);

    private static Zmm Min(int half) => new(26 + half);

    /// <summary>Many columns: each tile is read once, the sums once a tile.</summary>
    public void WriteMany()
    {
        int tile = code.Position;
        LoadTile();
        code.Mov(Register.Rax, Register.Rcx);
        code.Mov(Register.R9, Register.R8);
        int column = code.Position;
        code.Vmovups(Sum, ColumnSum);
        AddProduct();
        code.Vmovups(ColumnSum, Sum);
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
        code.Vmovups(Sum, Sums);
        int tile = code.Position;
        LoadTile();
        AddProduct();
        code.Add(Register.Rdx, ActivationRecord.Bytes);
        code.Add(Register.Rdi, Tile.Vectors * VectorBytes);
        code.Dec(Register.Rsi);
        code.Jnz(tile);
        code.Vmovups(Sums, Sum);
        code.Vzeroupper();
        code.Ret();
    }

    private void LoadTile()
    {
        for (int j = 0; j < 8; j++)
            code.Vmovups(Weights(j), Tiles + (j * VectorBytes));
        for (int half = 0; half < (halves ? 2 : 1); half++)
        {
            code.Vmovups(Scale(half), Tiles + ((Tile.Scale + half) * VectorBytes));
            if (min)
                code.Vmovups(Min(half), Tiles + ((Tile.Min + half) * VectorBytes));
        }
    }

    private void AddProduct()
    {
        // Two chains: half the latency, and the two halves' dots where they have scales of their own.
        code.Vpxord(Dot0, Dot0, Dot0);
        code.Vpxord(Dot1, Dot1, Dot1);
        for (int j = 0; j < 4; j++)
        {
            code.Vpdpbusd(Dot0, Weights(j), Record + (4 * j));
            code.Vpdpbusd(Dot1, Weights(j + 4), Record + (16 + (4 * j)));
        }

        if (halves)
            AddHalves();
        else
            AddWhole();
    }

    private void AddWhole()
    {
        code.Vmulps(Factor, Scale(0), Record + ActivationRecord.ScaleAt);
        code.Vpaddd(Dot0, Dot0, Dot1);
        if (offset)
            code.Vpsubd(Dot0, Dot0, Record + ActivationRecord.OffsetSumAt);
        code.Vcvtdq2ps(Dot0, Dot0);
        code.Vfmadd231ps(Sum, Dot0, Factor);
        if (min)
            code.Vfmadd231ps(Sum, Min(0), Record + ActivationRecord.ScaledSumAt);
    }

    private void AddHalves()
    {
        if (offset)
        {
            // The second half's share is the whole offset less the first half's.
            code.Vpbroadcastd(FirstOffset, Record + ActivationRecord.FirstOffsetSumAt);
            code.Vpsubd(Dot0, Dot0, FirstOffset);
            code.Vpaddd(Dot1, Dot1, FirstOffset);
            code.Vpsubd(Dot1, Dot1, Record + ActivationRecord.OffsetSumAt);
        }

        code.Vcvtdq2ps(Dot0, Dot0);
        code.Vcvtdq2ps(Dot1, Dot1);
        code.Vmulps(Factor, Scale(0), Record + ActivationRecord.ScaleAt);
        code.Vfmadd231ps(Sum, Dot0, Factor);
        code.Vmulps(Factor, Scale(1), Record + ActivationRecord.ScaleAt);
        code.Vfmadd231ps(Sum, Dot1, Factor);
        if (min)
        {
            code.Vfmadd231ps(Sum, Min(0), Record + ActivationRecord.FirstScaledSumAt);
            code.Vfmadd231ps(Sum, Min(1), Record + ActivationRecord.SecondScaledSumAt);
        }
    }
}
