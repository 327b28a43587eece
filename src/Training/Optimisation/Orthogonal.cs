using Causerie.Compute.Gradients;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Training.Optimisation;

/// <summary>Makes all singular values of a matrix nearly 1, by a Newton–Schulz iteration (Jordan et al., 2024).</summary>
/// <param name="pool">The threads.</param>
public sealed class Orthogonal(WorkerPool pool)
{
    private const int Iterations = 5;

    /// <summary>x becomes a·x + b·x³ + c·x⁵: coefficients that bring values in (0, 1] to about 1 fastest.</summary>
    private const float A = 3.4445f, B = -4.7750f, C = 2.0315f;

    private float[] _square = []; // [side, side]
    private float[] _fourth = []; // [side, side]
    private float[] _next = []; // [rows, columns]

    /// <summary>Overwrites a matrix with the nearly orthogonal one beside it; zeros stay zeros.</summary>
    /// <param name="x">[rows, columns] f32.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public void Apply(Span<float> x, int rows, int columns)
    {
        int side = Math.Min(rows, columns);
        Take(ref _square, side * side);
        Take(ref _fourth, side * side);
        Take(ref _next, rows * columns);
        double length = Math.Sqrt(AdamStep.SumOfSquares(x));
        if (length == 0)
            return;
        Elementwise.Scale(x, (float)(1 / length), pool);
        var square = _square.AsSpan(0, side * side);
        var polynomial = _fourth.AsSpan(0, side * side);
        var next = _next.AsSpan(0, x.Length);
        for (int i = 0; i < Iterations; i++)
        {
            var matrix = new FloatMatrix(x, rows, columns);
            if (rows <= columns)
                Gemm.Multiply(matrix, matrix.Transposed, square, side, add: false, pool);
            else
                Gemm.Multiply(matrix.Transposed, matrix, square, side, add: false, pool);
            var s = new FloatMatrix(square, side, side);
            Gemm.Multiply(s, s, polynomial, side, add: false, pool);
            Elementwise.Scale(polynomial, C, pool);
            Elementwise.Scale(square, B, pool);
            Elementwise.Add(polynomial, square, pool); // b·s + c·s²
            x.CopyTo(next);
            Elementwise.Scale(next, A, pool);
            var p = new FloatMatrix(polynomial, side, side);
            if (rows <= columns)
                Gemm.Multiply(p, matrix, next, columns, add: true, pool);
            else
                Gemm.Multiply(matrix, p, next, columns, add: true, pool);
            next.CopyTo(x);
        }
    }

    private static void Take(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[length];
    }
}
