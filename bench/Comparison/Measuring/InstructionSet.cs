using System.Runtime.Intrinsics.X86;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>Which instructions both engines may use.</summary>
/// <param name="Name">How the option spells it.</param>
/// <param name="PeerVariant">The file of llama.cpp's variant; null leaves the choice to it.</param>
/// <param name="Environment">What the environment tells the .NET runtime.</param>
internal sealed record InstructionSet(string Name, string? PeerVariant, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly (string Flag, string Feature)[] Vectors =
        [("avx2", "AVX2"), ("avx512f", "AVX512"), ("avx512_vnni", "AVX512_VNNI")];

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

    /// <summary>Checks that llama.cpp's variant has all of the vectors that the processor has, or no more than it may.</summary>
    /// <param name="features">As the library lists them.</param>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    public void VerifyPeer(string features)
    {
        string[] has = features.Split(' ');
        string[] processor = File.ReadLines("/proc/cpuinfo")
            .First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        foreach (var (flag, feature) in Vectors)
            if (processor.Contains(flag) && has.Contains(feature) != (Name == "best" || feature == "AVX2"))
                throw new InvalidOperationException(
                    $"llama.cpp's variant was to be the {Name} one; of the processor's {flag} it says: {features}.");
    }
}
