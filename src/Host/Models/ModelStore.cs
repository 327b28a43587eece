using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;

namespace Causerie.Host.Models;

/// <summary>The models in a data folder, and how a person's word for one becomes a file.</summary>
/// <param name="dataFolder">The data folder.</param>
/// <param name="builtIn">The file of <see cref="BuiltInModel"/>, or null.</param>
public sealed partial class ModelStore(string dataFolder, string? builtIn = null)
{
    /// <summary>Where the models are.</summary>
    public string Folder { get; } = DataFolder.Models(dataFolder);

    /// <summary>All models, by name; a model that cannot be read is there with the reason.</summary>
    /// <param name="weights">Where arranged weights are kept; null keeps none.</param>
    public ImmutableArray<StoredModel> List(string? weights = null) =>
    [
        .. Locations().Select(location => Describe(location.Name, location.Paths, weights)),
    ];

    /// <summary>The file that <paramref name="model"/> means: a path, or the name of a model in the folder.</summary>
    /// <returns>Full path; of a split model, the first part.</returns>
    /// <exception cref="FileNotFoundException">Nothing fits; the message says what there is and what to do.</exception>
    /// <exception cref="FormatException">Several models fit.</exception>
    public string Resolve(string model)
    {
        if (File.Exists(model))
            return Path.GetFullPath(model);
        var all = Locations();
        (string Name, ImmutableArray<string> Paths)[] fits =
            [.. all.Where(location => location.Name.Equals(model, StringComparison.OrdinalIgnoreCase))];
        if (fits.Length == 0)
            fits = [.. all.Where(location => Answers(location.Paths[0], model))];
        return fits.Length switch
        {
            1 => fits[0].Paths[0],
            0 => throw new FileNotFoundException(Missing(model, all)),
            _ => throw new FormatException(
                $"'{model}' could be any of {string.Join(", ", fits.Select(fit => fit.Name))}; say which."),
        };
    }

    private string Missing(string model, ImmutableArray<(string Name, ImmutableArray<string> Paths)> all)
    {
        if (Directory.Exists(model))
            return $"'{model}' is a folder; name the .gguf file in it.";
        string stock = all.IsEmpty
            ? $"there is no model in {Folder} yet"
            : $"{Folder} has {string.Join(", ", all.Select(location => location.Name))}";
        bool pullable = model.Contains('/') && !model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        string advice = pullable
            ? $"'causerie pull {model}' may fetch it" : "'causerie pull owner/repository' fetches one";
        return $"There is no file '{model}', and no model of that name: {stock}. {advice}.";
    }

    // owner/repository, owner/repository:Q4_K_M, owner/repository/file or a file's name with its extension.
    private bool Answers(string path, string model)
    {
        string relative = Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/');
        string stem = Stem(relative);
        string[] parts = model.Split(':', 2);
        string id = parts[0].Trim('/');
        return Same(stem, model) || Same(relative, model) || Same(Path.GetFileName(relative), model)
            || (id.Contains('/') && stem.StartsWith(id + "/", StringComparison.OrdinalIgnoreCase)
                && (parts.Length == 1 || HubSelection.QuantizationOf(stem) is { } tag && Same(tag, parts[1])));

        static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
    }

    private ImmutableArray<(string Name, ImmutableArray<string> Paths)> Locations()
    {
        (string, ImmutableArray<string>)[] own = builtIn is null ? [] : [(BuiltInModel.Id, [builtIn])];
        if (!Directory.Exists(Folder))
            return [.. own];
        var groups = Directory.EnumerateFiles(Folder, "*.gguf", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/'))
            .GroupBy(Stem)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .ToArray();
        var shortNames = groups.GroupBy(group => Path.GetFileName(group.Key), StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() == 1)
            .Select(same => same.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. groups.Select(group => (
                shortNames.Contains(Path.GetFileName(group.Key)) ? Path.GetFileName(group.Key) : group.Key,
                group.Order(StringComparer.Ordinal).Select(path => Path.Combine(Folder, path)).ToImmutableArray())),
            .. own.Where(_ => !shortNames.Contains(BuiltInModel.Id)),
        ];
    }

    private static StoredModel Describe(string name, ImmutableArray<string> paths, string? weights)
    {
        long size = paths.Sum(path => new FileInfo(path).Length);
        DateTimeOffset modified = paths.Max(File.GetLastWriteTimeUtc);
        try
        {
            using var file = GgufFile.Open(paths[0]);
            return new StoredModel(name, paths, size, modified, ModelSummary.Of(file), null)
            {
                Kept = weights is null ? null : KeptWeights.Find(weights, file)?.Length,
            };
        }
        catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
        {
            return new StoredModel(name, paths, size, modified, null, e.Message);
        }
    }

    private static string Stem(string path) => PartSuffix().Replace(path, "");

    [GeneratedRegex(@"(-\d{5}-of-\d{5})?\.gguf$", RegexOptions.IgnoreCase)]
    private static partial Regex PartSuffix();
}

/// <summary>A model in the data folder.</summary>
/// <param name="Name">What to call it: the file's name, or its place in the folder where that is not unique.</param>
/// <param name="Paths">Its files, in order.</param>
/// <param name="Size">Bytes of all files.</param>
/// <param name="Modified">When the newest file was written.</param>
/// <param name="Summary">What the file says of itself; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read; null where it can.</param>
public sealed record StoredModel(
    string Name, ImmutableArray<string> Paths, long Size, DateTimeOffset Modified, ModelSummary? Summary,
    string? Problem)
{
    /// <summary>Bytes of its arranged weights that are kept for the next start; null where none are.</summary>
    public long? Kept { get; init; }
}
