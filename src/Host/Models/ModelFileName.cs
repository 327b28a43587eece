using System.Text.RegularExpressions;

namespace Causerie.Host.Models;

/// <summary>What a model file's name says: the model's id, and which part of a split model it is.</summary>
internal static partial class ModelFileName
{
    /// <summary>The file's name without its ending and without the count of parts.</summary>
    public static string Id(string fileName) => Part().Replace(Path.GetFileNameWithoutExtension(fileName), "");

    /// <summary>Whether the file is whole or the first part of a split model, which stands for all of them.</summary>
    public static bool IsFirst(string fileName) =>
        Part().Match(Path.GetFileNameWithoutExtension(fileName)) is not { Success: true } part
        || part.Groups["part"].ValueSpan is "00001";

    [GeneratedRegex("-(?<part>[0-9]{5})-of-[0-9]{5}$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
