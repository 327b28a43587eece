using Causerie.Compute.Formats;

namespace Causerie.Compute.Memory;

/// <summary>A weight matrix [rows, columns] in one tensor format, lying in a mapped file.</summary>
/// <remarks>GGUF stores a matrix row by row; a row is <c>columns / BlockLength</c> blocks.</remarks>
public sealed unsafe class WeightMatrix
{
    private readonly MappedFile _owner;
    private readonly byte* _data;

    private WeightMatrix(MappedFile owner, byte* data, TensorFormat format, int rows, int columns)
    {
        _owner = owner;
        _data = data;
        Format = format;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>How the weights are encoded.</summary>
    public TensorFormat Format { get; }

    /// <summary>Output features.</summary>
    public int Rows { get; }

    /// <summary>Input features; a multiple of the format's block length.</summary>
    public int Columns { get; }

    /// <summary>Bytes of one row.</summary>
    public long RowBytes => Format.BytesFor(Columns);

    /// <summary>
    /// First byte of the first row; valid between <see cref="MappedFile.Enter"/> and Exit of the owner.
    /// </summary>
    internal byte* Data => _data;

    /// <summary>The file that the weights lie in.</summary>
    internal MappedFile Owner => _owner;

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
        return new WeightMatrix(file, data, format, rows, columns);
    }

    /// <summary>
    /// Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>, not copied.
    /// </summary>
    public WeightMatrix Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - start);
        return new WeightMatrix(_owner, _data + (RowBytes * start), Format, count, Columns);
    }

    /// <summary>Decodes one row, as an embedding table needs.</summary>
    /// <param name="row">0 to <see cref="Rows"/>.</param>
    /// <param name="values">[columns] f32.</param>
    public void DequantizeRow(int row, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        if (values.Length < Columns)
            throw new ArgumentException($"A row has {Columns} elements, not {values.Length}.", nameof(values));
        _owner.Enter();
        try
        {
            var blocks = new ReadOnlySpan<byte>(_data + (RowBytes * row), checked((int)RowBytes));
            Format.Dequantize(blocks, values[..Columns]);
        }
        finally
        {
            _owner.Exit();
        }
    }
}
