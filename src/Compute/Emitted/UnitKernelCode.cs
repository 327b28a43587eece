using Causerie.Compute.Emitted.Symbols;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>
/// Writes the product of some units of a panel with a few columns: weights are unpacked straight into registers.
/// </summary>
/// <remarks>
/// The same operations in the same order as unpacking to tiles and multiplying those, hence the same bits. rdi holds the
/// unit, rsi units left, rdx the record, rcx the sums, r8 the columns, r9 room for the scales of a unit and its columns'
/// own sums (System V's arguments); rax and r11 a column's sums, r10 columns left; vectors are those of
/// <see cref="ColumnCode"/>, and all others are free for unpacking. Where all records of a unit share a scale, its sums
/// begin at zero and meet the scale once, with the last tile.
/// </remarks>
/// <param name="code">Where to.</param>
/// <param name="unit">What to unpack.</param>
/// <param name="column">What to do with it.</param>
internal sealed class UnitKernelCode(Assembler code, UnitDescription unit, ColumnCode column)
{
    private const int VectorBytes = 64;

    private static readonly Place Unit = new(Register.Rdi, 0);
    private static readonly Place Scales = new(Register.R9, 0);
    private static readonly Place ColumnSum = new(Register.Rax, 0);
    private static readonly Place WholeSum = new(Register.R11, 0);
    private static readonly Zmm Whole = new(5);

    private static readonly Zmm[] Before = [.. Enumerable.Range(0, 32).Select(i => new Zmm(i))];
    private static readonly Zmm[] Between = [.. Before.Where(r => r.Number is < 16 or > 27)];

    /// <summary>Writes constants and code.</summary>
    /// <returns>Where the code begins.</returns>
    public int Write()
    {
        var symbols = new SymbolCode(code, unit.Graph, Register.Rdi, new SymbolConstants(code, unit.Graph));
        code.Align(VectorBytes);
        int start = code.Position;
        int[] factors = [.. column.Factors];
        StoreScales(symbols, factors);
        for (int tile = 0; tile < unit.Tiles; tile++)
        {
            Ask(tile);
            symbols.Begin(unit.Weights[tile], Between);
            for (int j = 0; j < 8; j++)
                symbols.Compute(unit.Weights[tile][j], ColumnCode.Of(j));
            for (int i = 0; i < factors.Length; i++)
                code.Vmovups(ColumnCode.Of(factors[i]), ScaleAt(tile, i, factors.Length));
            WriteColumns(first: column.Shared && tile == 0, last: column.Shared && tile == unit.Tiles - 1);
        }

        code.Add(Register.Rdi, unit.Bytes);
        code.Dec(Register.Rsi);
        code.Jnz(start);
        code.Vzeroupper();
        code.Ret();
        return start;
    }

    /// <summary>Where the columns' own sums of a unit begin, beyond the scales.</summary>
    private int SumsAt => unit.Tiles * (Tile.Vectors - Tile.Scale) * VectorBytes;

    private static Place ScaleAt(int tile, int factor, int factors) =>
        Scales + (((tile * factors) + factor) * VectorBytes);

    /// <summary>Scales and mins of all tiles, before the first one.</summary>
    private void StoreScales(SymbolCode symbols, int[] factors)
    {
        symbols.Begin(unit.Factors.SelectMany(tile => factors.Select(f => tile[f])), Before);
        for (int tile = 0; tile < unit.Tiles; tile++)
            for (int i = 0; i < factors.Length; i++)
                code.Vmovups(ScaleAt(tile, i, factors.Length), symbols.Compute(unit.Factors[tile][factors[i]]));
    }

    /// <summary>A tile's share of the unit's lines, further on.</summary>
    private void Ask(int tile)
    {
        int lines = (unit.Bytes + VectorBytes - 1) / VectorBytes;
        for (int line = tile * lines / unit.Tiles; line < (tile + 1) * lines / unit.Tiles; line++)
            code.Prefetcht1(Unit + (Prefetch.Distance + (line * VectorBytes)));
    }

    private void WriteColumns(bool first, bool last)
    {
        code.Mov(Register.Rax, column.Shared ? Register.R9 : Register.Rcx);
        if (column.Shared)
            code.Add(Register.Rax, SumsAt);
        if (last)
            code.Mov(Register.R11, Register.Rcx);
        code.Mov(Register.R10, Register.R8);
        int start = code.Position;
        if (first)
            code.Vpxord(ColumnCode.Sum, ColumnCode.Sum, ColumnCode.Sum);
        else
            code.Vmovups(ColumnCode.Sum, ColumnSum);
        column.AddProduct();
        if (last)
            AddUnit();
        else
            code.Vmovups(ColumnSum, ColumnCode.Sum);
        code.Add(Register.Rdx, ActivationRecord.Bytes);
        code.Add(Register.Rax, VectorBytes);
        code.Dec(Register.R10);
        code.Jnz(start);
    }

    private void AddUnit()
    {
        code.Vmovups(Whole, WholeSum);
        code.Vfmadd231ps(Whole, ColumnCode.Sum, Source.SpreadFrom(new Place(Register.Rdx, ActivationRecord.ScaleAt)));
        code.Vmovups(WholeSum, Whole);
        code.Add(Register.R11, VectorBytes);
    }
}
