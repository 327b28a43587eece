using System.Runtime.CompilerServices;

namespace Causerie.Rules;

/// <summary>The checkout as the rules see it: its rooms and its source files.</summary>
internal static class House
{
    /// <summary>Folder of Causerie.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The rooms that exist, by name.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(path => Path.GetFileName(path)!).Order()];

    /// <summary>Every C# and Razor file under <paramref name="folder"/>, build outputs left out.</summary>
    public static IReadOnlyList<SourceFile> Sources(string folder = "src") =>
        [.. new[] { "*.cs", "*.razor" }
            .SelectMany(pattern => Directory.GetFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(file => !file.Path.Contains("/obj/") && !file.Path.Contains("/node_modules/"))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];

    private static string FindRoot([CallerFilePath] string here = "") =>
        Directory.GetParent(here)!.Parent!.Parent!.FullName;
}

/// <summary>One source file: its path from the root with forward slashes, and its text.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);
}
