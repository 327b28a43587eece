using System.Runtime.Intrinsics.X86;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>Which instructions both engines may use.</summary>
/// <param name="Name">How the option spells it.</param>
/// <param name="PeerVariant">The file of llama.cpp's variant; null leaves the choice to it.</param>
/// <param name="Environment">What the environment tells the .NET runtime.</param>
internal sealed record InstructionSet(string Name, string? PeerVariant, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The sets that can be chosen; the first is usual.</summary>
    public static IReadOnlyList<InstructionSet> All { get; } =
    [
        new("best", null, new Dictionary<string, string>()),
        new("avx2", "libggml-cpu-haswell.so", new Dictionary<string, string> { ["DOTNET_EnableAVX512"] = "0" }),
    ];

    /// <summary>The set of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static InstructionSet Of(string? name) => name is null
        ? All[0]
        : All.FirstOrDefault(set => set.Name == name) ??
            throw new ArgumentException($"--instructions is one of {string.Join(", ", All.Select(set => set.Name))}.");

    /// <summary>Checks in a measuring process that the runtime keeps to the set.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public void Verify()
    {
        if (Name == "avx2" && (Avx512F.IsSupported || !Avx2.IsSupported))
            throw new InvalidOperationException("The runtime was to use AVX2 and no AVX-512; it does not keep to that.");
    }
}
