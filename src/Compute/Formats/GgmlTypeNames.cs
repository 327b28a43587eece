namespace Causerie.Compute.Formats;

/// <summary>
/// Names of GGUF's tensor types, those without a <see cref="TensorFormat"/> included, so that a refusal can name them.
/// </summary>
public static class GgmlTypeNames
{
    private static readonly string[] Names =
    [
        "F32", "F16", "Q4_0", "Q4_1", "Q4_2 (removed)", "Q4_3 (removed)", "Q5_0", "Q5_1", "Q8_0", "Q8_1",
        "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S",
        "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M",
        "BF16", "Q4_0_4_4 (removed)", "Q4_0_4_8 (removed)", "Q4_0_8_8 (removed)", "TQ1_0", "TQ2_0",
        "IQ4_NL_4_4 (removed)", "IQ4_NL_4_8 (removed)", "IQ4_NL_8_8 (removed)", "MXFP4",
        "NVFP4", "Q1_0", "Q2_0",
    ];

    /// <summary>The name of <c>ggml_type</c> <paramref name="id"/>; its number in words where it is unknown.</summary>
    public static string Of(int id) => (uint)id < (uint)Names.Length ? Names[id] : $"type {id}";
}
