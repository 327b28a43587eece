using Causerie.Compute.Lanes;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>The checked, pinned operands of one product y = x · wᵀ.</summary>
internal unsafe struct Operands
{
    /// <summary>[rows, rowBytes].</summary>
    public byte* Weights;

    public nint RowBytes;

    /// <summary>At least one.</summary>
    public int Rows;

    /// <summary>Weights of a row.</summary>
    public int Length;

    /// <summary>[count, length] f32.</summary>
    public float* X;

    /// <summary>At least one.</summary>
    public int Count;

    /// <summary>[count, rows] f32.</summary>
    public float* Y;

    public WorkerPool Pool;

    public VectorWidth Width;
}
