using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Compute.Gradients;

/// <summary>Packing of a product's two sides: [depth, width] f32, with zeros where a row or column is not there.</summary>
internal static unsafe class GemmPacking
{
    /// <summary>Lays rows of <paramref name="count"/> neighbours, one an element of depth, side by side.</summary>
    /// <param name="source">[depth, stride] f32.</param>
    /// <param name="stride">Elements from one to the next along the depth.</param>
    /// <param name="count">Elements that are there, at most the width.</param>
    /// <param name="depth">Depth.</param>
    /// <param name="target">[depth, width] f32.</param>
    /// <param name="width">8 or 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint stride, int count, int depth, float* target, int width)
    {
        if (count < width)
            new Span<float>(target, depth * width).Clear();
        for (int k = 0; k < depth; k++, source += stride, target += width)
        {
            int j = 0;
            for (; j + 8 <= count; j += 8)
                Vector256.Load(source + j).Store(target + j);
            for (; j < count; j++)
                target[j] = source[j];
        }
    }

    /// <summary>Lays columns side by side, each of which runs along the depth in memory.</summary>
    /// <param name="source">[count, stride] f32.</param>
    /// <param name="stride">Elements from one column to the next.</param>
    /// <param name="count">Columns that are there, at most the width.</param>
    /// <param name="depth">Depth.</param>
    /// <param name="target">[depth, width] f32.</param>
    /// <param name="width">8 or 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint stride, int count, int depth, float* target, int width)
    {
        if (count < width)
            new Span<float>(target, depth * width).Clear();
        int j = 0;
        for (; j + 4 <= count && Sse.IsSupported; j += 4)
        {
            float* row = source + (j * stride);
            int k = 0;
            for (; k + 4 <= depth; k += 4)
                Square(row + k, stride, target + ((nint)k * width) + j, width);
            for (; k < depth; k++)
            {
                for (int r = 0; r < 4; r++)
                    target[((nint)k * width) + j + r] = row[(r * stride) + k];
            }
        }
        for (; j < count; j++)
        {
            for (int k = 0; k < depth; k++)
                target[((nint)k * width) + j] = source[(j * stride) + k];
        }
    }

    /// <summary>Transposes 4 × 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* source, nint stride, float* target, nint width)
    {
        var r0 = Vector128.Load(source);
        var r1 = Vector128.Load(source + stride);
        var r2 = Vector128.Load(source + (2 * stride));
        var r3 = Vector128.Load(source + (3 * stride));
        var low01 = Sse.UnpackLow(r0, r1);
        var high01 = Sse.UnpackHigh(r0, r1);
        var low23 = Sse.UnpackLow(r2, r3);
        var high23 = Sse.UnpackHigh(r2, r3);
        Sse.MoveLowToHigh(low01, low23).Store(target);
        Sse.MoveHighToLow(low23, low01).Store(target + width);
        Sse.MoveLowToHigh(high01, high23).Store(target + (2 * width));
        Sse.MoveHighToLow(high23, high01).Store(target + (3 * width));
    }
}
