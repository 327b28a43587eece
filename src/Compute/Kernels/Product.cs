namespace Causerie.Compute.Kernels;

/// <summary>One product y = x · wᵀ, checked and pinned, with the kernel that its format and the processor call for.</summary>
internal unsafe struct Product
{
    /// <summary>The first row, or the first panel where the matrix lies in panels.</summary>
    public byte* Weights;

    /// <summary>Bytes of one row.</summary>
    public nint RowBytes;

    /// <summary>Whether sixteen rows lie side by side; otherwise they are put so as they are met.</summary>
    public bool InPanels;

    /// <summary>The row of the matrix that y begins with; 0 where it is not in panels.</summary>
    public int FirstRow;

    /// <summary>Rows of the product, at least one.</summary>
    public int Rows;

    /// <summary>Weights of a row.</summary>
    public int Length;

    /// <summary>Columns, at least one.</summary>
    public int Count;

    /// <summary>Threads that share the product.</summary>
    public int Threads;

    /// <summary>[count, rows] f32.</summary>
    public float* Y;

    /// <summary>The columns, packed: [blocks of columns, tiles, columns of the block] records.</summary>
    public byte* Records;

    /// <summary>Bytes of one record.</summary>
    public int RecordBytes;

    /// <summary>Products with the same kind read the same records.</summary>
    public int RecordKind;

    /// <summary>Records that are made together, of one scale.</summary>
    public int RecordsTogether;

    /// <summary>Makes so many records of 32 activations each; the last argument is the bytes from one to the next.</summary>
    public delegate*<float*, byte*, nint, void> Pack;

    /// <summary>Computes some panels; the last argument is <see cref="ScratchBytes"/> of the thread's own.</summary>
    public delegate*<in Product, int, byte*, void> RunChunk;

    /// <summary>What a chunk needs in between.</summary>
    public long ScratchBytes;

    /// <summary>Chunks of the product.</summary>
    public int Chunks;

    /// <summary>Panels of a chunk.</summary>
    public int PanelsOfChunk;

    /// <summary>Panels that hold the product's rows.</summary>
    public readonly int Panels => (FirstRow % Formats.PanelLayout.Rows + Rows + Formats.PanelLayout.Rows - 1)
        / Formats.PanelLayout.Rows;

    /// <summary>Tiles of a column: 32 weights each, the last one padded.</summary>
    public readonly int Tiles => (Length + 31) / 32;
}
