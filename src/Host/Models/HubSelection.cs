using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Causerie.Host.Models;

/// <summary>One model among the files of a repository: all the parts of one quantisation.</summary>
/// <param name="Name">The first part's path without <c>-00001-of-0000N</c> and <c>.gguf</c>.</param>
/// <param name="Quantization">The quantisation that the file's name states; null where it states none.</param>
/// <param name="Files">Its parts in order.</param>
public sealed partial record HubSelection(string Name, string? Quantization, ImmutableArray<HubFile> Files)
{
    // What people run most: a good answer for a quarter of the memory; then its nearest neighbours.
    private static readonly string[] Preferred =
    [
        "Q4_K_M", "Q4_K_S", "Q4_K", "Q4_0", "IQ4_XS", "IQ4_NL", "Q5_K_M", "Q5_K_S", "Q5_0", "MXFP4", "Q6_K", "Q8_0",
        "F16", "BF16", "F32",
    ];

    private static readonly string[] Companions = ["mmproj", "vocab", "imatrix", "lora", "adapter"];

    /// <summary>Bytes of all parts.</summary>
    public long Size => Files.Sum(file => file.Size);

    /// <summary>How to ask for it: the quantisation, else the name.</summary>
    public string Tag => Quantization ?? Name;

    /// <summary>The models among <paramref name="files"/>; projectors and vocabularies are none.</summary>
    /// <exception cref="InvalidDataException">A part of a split model is missing.</exception>
    public static ImmutableArray<HubSelection> AllIn(IEnumerable<HubFile> files) =>
    [
        .. files.Where(file => file.Path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !IsCompanion(file))
            .GroupBy(file => Stem(file.Path))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Complete(group.Key, [.. group.OrderBy(file => file.Path, StringComparer.Ordinal)])),
    ];

    /// <summary>The model that <paramref name="choice"/> means, or the usual one when it is null.</summary>
    /// <exception cref="FormatException">None or several fit; the message lists what there is.</exception>
    public static HubSelection Choose(ImmutableArray<HubSelection> models, string? choice, string repository)
    {
        if (models.IsEmpty)
        {
            throw new FormatException(
                $"{repository} has no GGUF file. Look for a repository whose name ends in -GGUF.");
        }

        var fits = choice is null or "latest" ? Usual(models) : [.. models.Where(model => model.Answers(choice))];
        if (fits.Length == 1)
            return fits[0];
        string reason = fits.IsEmpty ? $"{repository} has no '{choice}'." : $"{repository} has several that fit.";
        string options = string.Join(", ", (fits.IsEmpty ? models : fits).Select(model => Unique(models, model)));
        throw new FormatException($"{reason} Choose one of these after a colon: {options}");
    }

    /// <summary>The quantisation that a file's name states, in capitals; null where it states none.</summary>
    public static string? QuantizationOf(string name) =>
        Tags().Matches(name).LastOrDefault()?.Groups["tag"].Value.ToUpperInvariant();

    private static ImmutableArray<HubSelection> Usual(ImmutableArray<HubSelection> models) =>
        models.Length == 1 ? models
        : Preferred.Select(tag => models.Where(model => model.Quantization == tag).ToImmutableArray())
            .FirstOrDefault(fits => !fits.IsEmpty, models);

    private static string Unique(ImmutableArray<HubSelection> models, HubSelection model) =>
        models.Count(other => other.Tag == model.Tag) == 1 ? model.Tag : model.Name;

    private bool Answers(string choice) =>
        string.Equals(choice, Quantization, StringComparison.OrdinalIgnoreCase)
        || string.Equals(choice, Name, StringComparison.OrdinalIgnoreCase)
        || Files.Any(file => string.Equals(choice, file.Path, StringComparison.OrdinalIgnoreCase)
            || string.Equals(choice, Path.GetFileName(file.Path), StringComparison.OrdinalIgnoreCase));

    private static bool IsCompanion(HubFile file) =>
        Path.GetFileNameWithoutExtension(file.Path).Split('-', '.', '_')
            .Any(word => Companions.Contains(word, StringComparer.OrdinalIgnoreCase));

    private static string Stem(string path) => Part().Replace(path[..^".gguf".Length], "");

    private static HubSelection Complete(string name, ImmutableArray<HubFile> files)
    {
        var part = Part().Match(files[0].Path[..^".gguf".Length]);
        if (part.Success)
        {
            int parts = int.Parse(part.Groups["of"].ValueSpan, CultureInfo.InvariantCulture);
            if (parts != files.Length)
                throw new InvalidDataException($"{name} is split in {parts} parts, but the hub has {files.Length}.");
        }

        return new HubSelection(name, QuantizationOf(name), files);
    }

    [GeneratedRegex(@"-(?<part>\d{5})-of-(?<of>\d{5})$")]
    private static partial Regex Part();

    [GeneratedRegex(
        @"(?<=^|[-._/])(?<tag>(UD-)?(I?Q\d(_[A-Z0-9]+)*|BF16|F16|FP16|F32|TQ\d_\d|MXFP4(_MOE)?))(?=$|[-./])",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Tags();
}
