using System.Collections.Frozen;
using Causerie.Compute.Formats;

namespace Causerie.Inference.Gguf;

/// <summary>Size of an encoding, known also for those that no kernel decodes yet, so that files that hold them list.</summary>
/// <param name="Name">GGUF's name.</param>
/// <param name="BlockLength">Weights in a block.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Format">How to decode it, or null.</param>
internal sealed record TensorType(string Name, int BlockLength, int BlockBytes, TensorFormat? Format)
{
    // ggml's numbers; an encoding that gains a class in Compute/Formats takes precedence over its line here.
    private static readonly FrozenDictionary<uint, TensorType> Undecoded = new Dictionary<uint, TensorType>
    {
        [2] = new("Q4_0", 32, 18, null),
        [3] = new("Q4_1", 32, 20, null),
        [6] = new("Q5_0", 32, 22, null),
        [7] = new("Q5_1", 32, 24, null),
        [8] = new("Q8_0", 32, 34, null),
        [9] = new("Q8_1", 32, 36, null),
        [10] = new("Q2_K", 256, 84, null),
        [11] = new("Q3_K", 256, 110, null),
        [12] = new("Q4_K", 256, 144, null),
        [13] = new("Q5_K", 256, 176, null),
        [14] = new("Q6_K", 256, 210, null),
        [15] = new("Q8_K", 256, 292, null),
        [16] = new("IQ2_XXS", 256, 66, null),
        [17] = new("IQ2_XS", 256, 74, null),
        [18] = new("IQ3_XXS", 256, 98, null),
        [19] = new("IQ1_S", 256, 50, null),
        [20] = new("IQ4_NL", 32, 18, null),
        [21] = new("IQ3_S", 256, 110, null),
        [22] = new("IQ2_S", 256, 82, null),
        [23] = new("IQ4_XS", 256, 136, null),
        [24] = new("I8", 1, 1, null),
        [25] = new("I16", 1, 2, null),
        [26] = new("I32", 1, 4, null),
        [27] = new("I64", 1, 8, null),
        [28] = new("F64", 1, 8, null),
        [29] = new("IQ1_M", 256, 56, null),
        [30] = new("BF16", 1, 2, null),
        [34] = new("TQ1_0", 256, 54, null),
        [35] = new("TQ2_0", 256, 66, null),
        [39] = new("MXFP4", 32, 17, null),
        [40] = new("NVFP4", 64, 36, null),
        [41] = new("Q1_0", 128, 18, null),
        [42] = new("Q2_0", 64, 18, null),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<uint, string> Removed = new Dictionary<uint, string>
    {
        [4] = "Q4_2",
        [5] = "Q4_3",
        [31] = "Q4_0_4_4",
        [32] = "Q4_0_4_8",
        [33] = "Q4_0_8_8",
        [36] = "IQ4_NL_4_4",
        [37] = "IQ4_NL_4_8",
        [38] = "IQ4_NL_8_8",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<uint, TensorType> Decoded = TensorFormat.All.Values.ToFrozenDictionary(
        format => (uint)format.Id,
        format => new TensorType(format.Name, format.BlockLength, format.BlockBytes, format));

    /// <summary>The encoding with ggml's number <paramref name="id"/>, or null with the reason.</summary>
    public static TensorType? Find(uint id, out string problem)
    {
        problem = "";
        if (Decoded.TryGetValue(id, out var type) || Undecoded.TryGetValue(id, out type))
            return type;
        problem = Removed.TryGetValue(id, out string? name)
            ? $"tensor type {id} ({name}) was removed from GGUF; convert the model again."
            : $"tensor type {id} is unknown; the file is damaged or newer than this program.";
        return null;
    }
}
