using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Emitted;

/// <summary>Writes the product of one tile in registers with one column's record: what all emitted integer kernels share.</summary>
/// <remarks>
/// zmm16 to 23 hold the tile's weights, 24 and 25 its scales, 26 and 27 its mins; zmm0 and 1 the integer dots, 2 the
/// scales' product, 3 the column's sum, 4 the first half's share of the offset; rdx the record. A column costs eight
/// multiplications of bytes and one or more of f32 on two ports, and ten or more loads on two ports: near the limit of
/// both, so that neither unrolling nor more tiles in registers gain.
/// </remarks>
/// <param name="code">Where to.</param>
/// <param name="shape">Of the tiles.</param>
/// <param name="offset">Subtracted from every weight.</param>
/// <param name="shared">Whether records share a scale, which is left for the end of the unit.</param>
internal sealed class ColumnCode(Assembler code, TileShape shape, int offset, bool shared)
{
    /// <summary>The column's sum.</summary>
    public static readonly Zmm Sum = new(3);

    private static readonly Zmm Dot0 = new(0);
    private static readonly Zmm Dot1 = new(1);
    private static readonly Zmm Factor = new(2);
    private static readonly Zmm FirstOffset = new(4);

    private static readonly Place Record = new(Register.Rdx, 0);

    /// <summary>Whether records share a scale.</summary>
    public bool Shared => shared;

    /// <summary>The vectors of <see cref="Tile"/> that hold the tile's scales and mins.</summary>
    public IEnumerable<int> Factors
    {
        get
        {
            for (int half = 0; half < (shape.HasHalves() ? 2 : 1); half++)
            {
                yield return Tile.Scale + half;
                if (shape.HasMin())
                    yield return Tile.Min + half;
            }
        }
    }

    /// <summary>The register that holds a vector of <see cref="Tile"/>.</summary>
    public static Zmm Of(int vector) => new(16 + vector);

    private static Zmm Weights(int index) => Of(index);

    private static Zmm Scale(int half) => Of(Tile.Scale + half);

    private static Zmm Min(int half) => Of(Tile.Min + half);

    private static Source At(int distance) => Source.SpreadFrom(Record + distance);

    /// <summary>Sum += the tile times the record, less a shared scale.</summary>
    public void AddProduct()
    {
        // Two chains: half the latency, and the two halves' dots where they have scales of their own.
        code.Vpxord(Dot0, Dot0, Dot0);
        code.Vpxord(Dot1, Dot1, Dot1);
        for (int j = 0; j < 4; j++)
        {
            code.Vpdpbusd(Dot0, Weights(j), At(4 * j));
            code.Vpdpbusd(Dot1, Weights(j + 4), At(16 + (4 * j)));
        }

        if (shape.HasHalves())
            AddHalves();
        else
            AddWhole();
    }

    private void AddWhole()
    {
        code.Vpaddd(Dot0, Dot0, Dot1);
        if (offset != 0)
            code.Vpsubd(Dot0, Dot0, At(ActivationRecord.OffsetSumAt));
        code.Vcvtdq2ps(Dot0, Dot0);
        AddScaled(Dot0, Scale(0));
        if (shape.HasMin())
            code.Vfmadd231ps(Sum, Min(0), At(ActivationRecord.SumAt));
    }

    private void AddHalves()
    {
        if (offset != 0)
        {
            // The second half's share is the whole offset less the first half's.
            code.Vpbroadcastd(FirstOffset, Record + ActivationRecord.FirstOffsetSumAt);
            code.Vpsubd(Dot0, Dot0, FirstOffset);
            code.Vpaddd(Dot1, Dot1, FirstOffset);
            code.Vpsubd(Dot1, Dot1, At(ActivationRecord.OffsetSumAt));
        }

        code.Vcvtdq2ps(Dot0, Dot0);
        code.Vcvtdq2ps(Dot1, Dot1);
        AddScaled(Dot0, Scale(0));
        AddScaled(Dot1, Scale(1));
        if (shape.HasMin())
        {
            code.Vfmadd231ps(Sum, Min(0), At(ActivationRecord.FirstSumAt));
            code.Vfmadd231ps(Sum, Min(1), At(ActivationRecord.SecondSumAt));
        }
    }

    private void AddScaled(Zmm dot, Zmm scale)
    {
        if (!Shared)
            code.Vmulps(Factor, scale, At(ActivationRecord.ScaleAt));
        code.Vfmadd231ps(Sum, dot, Shared ? scale : Factor);
    }
}
