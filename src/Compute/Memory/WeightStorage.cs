using Causerie.Compute.Formats;

namespace Causerie.Compute.Memory;

/// <summary>Where the rows of a matrix are and in which order: shared by all slices of it.</summary>
/// <remarks>
/// Weights may move while others read them: a reader takes the <see cref="Place"/> once, enters its region and reads
/// there. What is in the old place stays until its region is disposed of.
/// </remarks>
internal sealed unsafe class WeightStorage(
    MemoryRegion region, byte* data, TensorFormat format, int rows, int columns)
{
    private const int PieceBytes = 4096;

    private volatile WeightPlace _place = new(region, data, false);

    /// <summary>Where the weights are now.</summary>
    public WeightPlace Place => _place;

    public TensorFormat Format { get; } = format;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>Bytes of one row.</summary>
    public long RowBytes { get; } = format.BytesFor(columns);

    /// <summary>Whether rows are whole units, so that panels can be made of them.</summary>
    public bool FitsPanels => Rows > 0 && Columns > 0 && Columns % Format.Layout.Length == 0;

    /// <summary>From now on the weights are read from panels.</summary>
    public void MoveTo(MemoryRegion region, byte* panels) => _place = new WeightPlace(region, panels, true);

    /// <summary>Decodes one row.</summary>
    /// <param name="place">Entered.</param>
    /// <param name="row">0 to <see cref="Rows"/>.</param>
    /// <param name="values">[columns] f32.</param>
    public void Dequantize(WeightPlace place, int row, Span<float> values)
    {
        if (!place.InPanels && place.Region is MappedFile file)
        {
            Read(file, file.OffsetOf(place.Data) + (RowBytes * row), values);
            return;
        }

        if (!place.InPanels)
        {
            Format.Dequantize(new ReadOnlySpan<byte>(place.Data + (RowBytes * row), checked((int)RowBytes)), values);
            return;
        }

        var layout = Format.Layout;
        byte* unit = place.Data + (row / PanelLayout.Rows * RowBytes * PanelLayout.Rows);
        Span<byte> block = stackalloc byte[layout.Bytes];
        for (; !values.IsEmpty; values = values[layout.Length..], unit += layout.UnitBytes)
        {
            layout.Take(unit, row % PanelLayout.Rows, block);
            Format.Dequantize(block, values[..layout.Length]);
        }
    }

    /// <summary>Decodes weights of a file that may have been cut: a few blocks at a time.</summary>
    private void Read(MappedFile file, long offset, Span<float> values)
    {
        Span<byte> piece = stackalloc byte[Math.Max(1, PieceBytes / Format.BlockBytes) * Format.BlockBytes];
        while (!values.IsEmpty)
        {
            var bytes = piece[..(int)Math.Min(piece.Length, Format.BytesFor(values.Length))];
            int count = bytes.Length / Format.BlockBytes * Format.BlockLength;
            file.Read(offset, bytes);
            Format.Dequantize(bytes, values[..count]);
            offset += bytes.Length;
            values = values[count..];
        }
    }
}

/// <summary>A matrix's bytes somewhere.</summary>
/// <param name="region">Whose memory it is.</param>
/// <param name="data">The first row, or panel; valid between Enter and Exit of the region.</param>
/// <param name="inPanels">Whether rows lie side by side in panels; otherwise one after another, as in GGUF.</param>
internal sealed unsafe class WeightPlace(MemoryRegion region, byte* data, bool inPanels)
{
    /// <summary>Whose memory it is.</summary>
    public MemoryRegion Region { get; } = region;

    /// <summary>The first row, or panel; valid between Enter and Exit of the region.</summary>
    public byte* Data { get; } = data;

    /// <summary>Whether rows lie side by side in panels; otherwise one after another, as in GGUF.</summary>
    public bool InPanels { get; } = inPanels;
}
