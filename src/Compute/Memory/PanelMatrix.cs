namespace Causerie.Compute.Memory;

/// <summary>Which matrix of a file lies where in the panels made of it, and in which order of bytes.</summary>
/// <param name="Format">GGUF's number of the encoding.</param>
/// <param name="Rows">Output features.</param>
/// <param name="Columns">Input features.</param>
/// <param name="Order">Tells the order of bytes in its panels from every other.</param>
/// <param name="Source">The file that it comes from.</param>
/// <param name="SourceOffset">Where it begins there.</param>
/// <param name="Offset">Where its panels begin, after the first byte of all panels.</param>
/// <param name="Length">Bytes of its panels.</param>
public readonly record struct PanelMatrix(
    int Format, int Rows, int Columns, ulong Order, string Source, long SourceOffset, long Offset, long Length);
