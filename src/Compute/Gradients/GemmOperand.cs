namespace Causerie.Compute.Gradients;

/// <summary>A matrix for the kernels: element (i, j) stands at <c>Data[i · Row + j · Column]</c>, one of the strides 1.</summary>
internal readonly unsafe record struct GemmOperand(nint Address, int Row, int Column)
{
    public GemmOperand(float* data, int row, int column)
        : this((nint)data, row, column)
    {
    }

    public float* Data => (float*)Address;

    /// <summary>The matrix from (i, j) on.</summary>
    public GemmOperand At(int i, int j) => new(Data + ((nint)i * Row) + ((nint)j * Column), Row, Column);
}
