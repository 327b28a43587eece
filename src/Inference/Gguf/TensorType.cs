using System.Collections.Immutable;
using Causerie.Compute.Formats;

namespace Causerie.Inference.Gguf;

/// <summary>Size of an encoding, known also for those that no kernel decodes, so that files that hold them list.</summary>
/// <param name="Name">GGUF's name.</param>
/// <param name="BlockLength">Weights in a block.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Format">How to decode it, or null.</param>
internal sealed record TensorType(string Name, int BlockLength, int BlockBytes, TensorFormat? Format)
{
    // ggml's numbers; an encoding that gains a class in Compute/Formats takes precedence over its line here.
    private static ReadOnlySpan<short> Undecoded =>
    [
        9, 32, 36, // Q8_1: number, weights, bytes
        15, 256, 292, // Q8_K
        16, 256, 66, // IQ2_XXS
        17, 256, 74, // IQ2_XS
        18, 256, 98, // IQ3_XXS
        19, 256, 50, // IQ1_S
        22, 256, 82, // IQ2_S
        24, 1, 1, // I8
        25, 1, 2, // I16
        26, 1, 4, // I32
        27, 1, 8, // I64
        28, 1, 8, // F64
        29, 256, 56, // IQ1_M
        40, 64, 36, // NVFP4
        41, 128, 18, // Q1_0
        42, 64, 18, // Q2_0
    ];

    private static readonly ImmutableArray<TensorType?> Known = Collect();

    /// <summary>The encoding with ggml's number <paramref name="id"/>, or null with the reason.</summary>
    public static TensorType? Find(uint id, out string problem)
    {
        if (id < (uint)Known.Length && Known[(int)id] is { } type)
        {
            problem = "";
            return type;
        }
        string name = id <= int.MaxValue ? GgmlTypeNames.Of((int)id) : $"type {id}";
        problem = $"the tensor's format, {name}, cannot be read; the file is damaged, of a removed kind or newer than " +
            "this program.";
        return null;
    }

    // A table by number: a dictionary over tuples would be code to compile at every start.
    private static ImmutableArray<TensorType?> Collect()
    {
        var known = new TensorType?[64];
        for (int i = 0; i < Undecoded.Length; i += 3)
            known[Undecoded[i]] = new TensorType(
                GgmlTypeNames.Of(Undecoded[i]), Undecoded[i + 1], Undecoded[i + 2], null);
        foreach (var format in TensorFormat.All.Values)
        {
            if (format.Id >= known.Length)
                Array.Resize(ref known, format.Id + 1);
            known[format.Id] = new TensorType(format.Name, format.BlockLength, format.BlockBytes, format);
        }
        return [.. known];
    }
}
