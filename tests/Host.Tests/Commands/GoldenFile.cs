using System.Runtime.CompilerServices;

namespace Causerie.Host.Tests.Commands;

/// <summary>A text in the repository that the program is held to; CAUSERIE_WRITE_GOLDEN=1 writes it anew.</summary>
internal static class GoldenFile
{
    /// <summary>Compares <paramref name="actual"/> with a file, named from the root of the repository.</summary>
    public static void Check(string path, string actual)
    {
        string file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable("CAUSERIE_WRITE_GOLDEN") is { Length: > 0 })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{path} is missing; run the test once with CAUSERIE_WRITE_GOLDEN=1.");
        Assert.Equal(File.ReadAllText(file), actual, ignoreLineEndingDifferences: true);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Directory.GetParent(here)!.Parent!.Parent!.Parent!.FullName;
}
