using Causerie.Compute.Emitted;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Kernels;

/// <summary>Which instructions products run on here: for reports, since all give the same bits.</summary>
public static class Instructions
{
    /// <summary>
    /// The switch of <see cref="AppContext"/> that turns machine code emitted at run time off when it is false; read
    /// once, at the first product.
    /// </summary>
    public const string EmittedSwitch = "Causerie.EmittedKernels";

    /// <summary>The vectors' width, and whether integer kernels are emitted or why they are not.</summary>
    public static string Description
    {
        get
        {
            string vectors = VectorWidths.Widest() switch
            {
                VectorWidth.Bits512 => "vectors of 512 bits",
                VectorWidth.Bits256 => "vectors of 256 bits",
                VectorWidth.Bits128 => "vectors of 128 bits",
                _ => "no vectors",
            };
            return EmittedKernels.Missing is { } reason
                ? $"{vectors}, managed integer kernels ({reason})"
                : $"{vectors}, emitted integer kernels (AVX-512 VNNI)";
        }
    }
}
