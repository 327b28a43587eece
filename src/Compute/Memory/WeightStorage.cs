using Causerie.Compute.Formats;

namespace Causerie.Compute.Memory;

/// <summary>Where the rows of a matrix are and in which order: shared by all slices of it.</summary>
internal sealed unsafe class WeightStorage(
    MemoryRegion region, byte* data, TensorFormat format, int rows, int columns)
{
    /// <summary>Whose memory it is.</summary>
    public MemoryRegion Region { get; private set; } = region;

    /// <summary>The first row, or panel; valid between Enter and Exit of the region.</summary>
    public byte* Data { get; private set; } = data;

    /// <summary>Whether rows lie side by side in panels; otherwise one after another, as in GGUF.</summary>
    public bool InPanels { get; private set; }

    public TensorFormat Format { get; } = format;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>Bytes of one row.</summary>
    public long RowBytes { get; } = format.BytesFor(columns);

    /// <summary>Whether rows are whole units, so that panels can be made of them.</summary>
    public bool FitsPanels => Rows > 0 && Columns > 0 && Columns % Format.Layout.Length == 0;

    /// <summary>From now on the weights are read from panels; nobody may be reading.</summary>
    public void MoveTo(MemoryRegion region, byte* panels)
    {
        Region = region;
        Data = panels;
        InPanels = true;
    }

    /// <summary>Decodes one row.</summary>
    /// <param name="row">0 to <see cref="Rows"/>.</param>
    /// <param name="values">[columns] f32.</param>
    public void Dequantize(int row, Span<float> values)
    {
        if (!InPanels)
        {
            Format.Dequantize(new ReadOnlySpan<byte>(Data + (RowBytes * row), checked((int)RowBytes)), values);
            return;
        }

        var layout = Format.Layout;
        byte* unit = Data + (row / PanelLayout.Rows * RowBytes * PanelLayout.Rows);
        Span<byte> block = stackalloc byte[layout.Bytes];
        for (; !values.IsEmpty; values = values[layout.Length..], unit += layout.UnitBytes)
        {
            layout.Take(unit, row % PanelLayout.Rows, block);
            Format.Dequantize(block, values[..layout.Length]);
        }
    }
}
