namespace Causerie.Compute.Gradients;

/// <summary>A view of f32 values as a matrix, or as its transpose: what <see cref="Gemm"/> multiplies.</summary>
public readonly ref struct FloatMatrix
{
    /// <summary>A matrix in rows.</summary>
    /// <param name="values">[rows, stride] f32; the last row may end after its columns.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="stride">Elements from one row to the next; columns where it is left out.</param>
    /// <exception cref="ArgumentException">The values are too few, or rows overlap.</exception>
    public FloatMatrix(ReadOnlySpan<float> values, int rows, int columns, int? stride = null)
        : this(values, rows, columns, stride ?? columns, 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowStride, columns, nameof(stride));
        if (values.Length < Extent(rows, columns, RowStride))
            throw new ArgumentException(
                $"{values.Length} values are too few for {rows} rows of {columns} at {RowStride}.", nameof(values));
    }

    private FloatMatrix(ReadOnlySpan<float> values, int rows, int columns, int rowStride, int columnStride)
    {
        Values = values;
        Rows = rows;
        Columns = columns;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns { get; }

    /// <summary>The same values with rows and columns exchanged; nothing is copied.</summary>
    public FloatMatrix Transposed => new(Values, Columns, Rows, ColumnStride, RowStride);

    /// <summary>Element (i, j) stands at i · RowStride + j · ColumnStride.</summary>
    internal ReadOnlySpan<float> Values { get; }

    /// <summary>Elements from one row to the next.</summary>
    internal int RowStride { get; }

    /// <summary>Elements from one column to the next.</summary>
    internal int ColumnStride { get; }

    /// <summary>Elements that rows of such a stride reach over.</summary>
    internal static long Extent(int rows, int columns, int stride) =>
        rows == 0 || columns == 0 ? 0 : ((rows - 1L) * stride) + columns;
}
