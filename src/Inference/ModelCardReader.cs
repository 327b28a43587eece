using System.Text.RegularExpressions;
using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Models;

namespace Causerie.Inference;

/// <summary>Makes a model's card from its file, also of files that cannot be run here.</summary>
public static partial class ModelCardReader
{
    /// <summary>The id of the model in <paramref name="path"/>: the file's name without extension and shard number.</summary>
    public static string IdOf(string path) => Suffix().Replace(Path.GetFileName(path), "");

    /// <summary>The card.</summary>
    /// <param name="file">The open model.</param>
    /// <param name="contextLength">The context served; null takes what the model was trained for.</param>
    public static ModelCard Read(GgufFile file, int? contextLength = null)
    {
        string? architecture = Text(file, "general.architecture");
        return new ModelCard(
            IdOf(file.Path), new DateTimeOffset(File.GetLastWriteTimeUtc(file.Path), TimeSpan.Zero), "causerie")
        {
            Name = Text(file, "general.name"),
            Architecture = architecture,
            ContextLength = contextLength ?? Context(file, architecture),
            Parameters = file.Tensors.Values.Sum(tensor => tensor.Count),
            FileSize = file.TotalBytes,
            Chats = Chats(architecture),
            Format = file.Tensors.Values
                .GroupBy(tensor => tensor.TypeName, (type, group) => (type, weights: group.Sum(t => t.Count)))
                .OrderByDescending(format => format.weights)
                .Select(format => format.type)
                .FirstOrDefault(),
        };
    }

    /// <summary>Whether models of an architecture write answers; true of those that are not known here.</summary>
    /// <param name="architecture">As the file names it.</param>
    public static bool Chats(string? architecture) =>
        architecture is null || !Architecture.All.TryGetValue(architecture, out var known) || known is not Encoder;

    private static int? Context(GgufFile file, string? architecture) =>
        file.Metadata.TryGet($"{architecture}.context_length", out int length) ? length : null;

    private static string? Text(GgufFile file, string key) =>
        file.Metadata.TypeOf(key) == GgufValueType.String ? file.Metadata.Require<string>(key) : null;

    [GeneratedRegex(@"(-\d{5}-of-\d{5})?\.gguf$", RegexOptions.IgnoreCase)]
    private static partial Regex Suffix();
}
