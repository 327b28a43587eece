using Causerie.Compute.Formats;

namespace Causerie.Compute.Memory;

/// <summary>A weight matrix [rows, columns] in one tensor format.</summary>
/// <remarks>
/// GGUF stores a matrix row by row; a row is <c>columns / BlockLength</c> blocks. <see cref="WeightPanels"/> moves rows
/// side by side, which no user of the matrix notices but by the time that products take.
/// </remarks>
public sealed unsafe class WeightMatrix
{
    private WeightMatrix(WeightStorage storage, int firstRow, int rows)
    {
        Storage = storage;
        FirstRow = firstRow;
        Rows = rows;
    }

    /// <summary>How the weights are encoded.</summary>
    public TensorFormat Format => Storage.Format;

    /// <summary>Output features.</summary>
    public int Rows { get; }

    /// <summary>Input features; a multiple of the format's block length.</summary>
    public int Columns => Storage.Columns;

    /// <summary>Bytes of one row.</summary>
    public long RowBytes => Storage.RowBytes;

    /// <summary>Where the weights are; shared with all slices.</summary>
    internal WeightStorage Storage { get; }

    /// <summary>The storage's row that this matrix begins with.</summary>
    internal int FirstRow { get; }

    /// <summary>A matrix at <paramref name="offset"/> of <paramref name="file"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The matrix does not lie inside the file.</exception>
    public static WeightMatrix At(MappedFile file, long offset, TensorFormat format, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns % format.BlockLength, 0, nameof(columns));
        long rowBytes = format.BytesFor(columns);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, file.Length / Math.Max(1, rowBytes));
        byte* data = file.Pointer(offset, rowBytes * rows);
        return new WeightMatrix(new WeightStorage(file, data, format, rows, columns), 0, rows);
    }

    /// <summary>
    /// Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>, not copied.
    /// </summary>
    public WeightMatrix Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - start);
        return new WeightMatrix(Storage, FirstRow + start, count);
    }

    /// <summary>The file that the weights are read from now; null where they are in memory.</summary>
    public MappedFile? File => Storage.Place.Region as MappedFile;

    /// <summary>Decodes one row, as an embedding table needs.</summary>
    /// <param name="row">0 to <see cref="Rows"/>.</param>
    /// <param name="values">[columns] f32.</param>
    public void DequantizeRow(int row, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        if (values.Length < Columns)
            throw new ArgumentException($"A row has {Columns} elements, not {values.Length}.", nameof(values));
        var place = Storage.Place;
        place.Region.Enter();
        try
        {
            Storage.Dequantize(place, FirstRow + row, values[..Columns]);
        }
        finally
        {
            place.Region.Exit();
        }
    }
}
