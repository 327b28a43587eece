using System.Buffers;

namespace Causerie.Host.Models;

/// <summary>One file of a repository, as the hub describes it.</summary>
/// <param name="Path">Path inside the repository, with forward slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal; null where the hub gives none.</param>
public sealed record HubFile(string Path, long Size, string? Sha256)
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\:*?\"<>|");

    /// <summary>Where the file goes under <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidDataException">The path would lead out of the folder or is no portable name.</exception>
    public string PlaceIn(string folder)
    {
        string[] segments = Path.Split('/');
        bool safe = segments.All(segment =>
            segment.Length > 0 && segment is not ("." or "..") && segment[^1] is not ('.' or ' ')
            && !segment.AsSpan().ContainsAny(Forbidden) && !segment.Any(char.IsControl) && !IsDevice(segment));
        string root = System.IO.Path.GetFullPath(folder);
        string place = safe ? System.IO.Path.GetFullPath(System.IO.Path.Combine([root, .. segments])) : "";
        if (!place.StartsWith(root + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"The hub names a file '{Path}', which is not a safe path; it is not fetched.");
        return place;
    }

    // Windows opens a device for these names whatever their extension.
    private static bool IsDevice(string segment)
    {
        string stem = segment.Split('.')[0].ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL"
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal)
                || stem.StartsWith("LPT", StringComparison.Ordinal)) && char.IsAsciiDigit(stem[3]));
    }
}
