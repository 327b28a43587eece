using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Training.Corpus;

/// <summary>A folder of books, tables and tools, read whole and checked.</summary>
public sealed class CorpusFolder
{
    private CorpusFolder(IReadOnlyList<Topic> topics, TableSet tables, IReadOnlyDictionary<string, JsonNode> tools) =>
        (Topics, Tables, Tools) = (topics, tables, tools);

    /// <summary>All topics of all languages.</summary>
    public IReadOnlyList<Topic> Topics { get; }

    /// <summary>All tables.</summary>
    public TableSet Tables { get; }

    /// <summary>Definitions of tools by name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Tools { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="path">The folder that holds <c>books</c>, <c>tables</c> and <c>tools.json</c>.</param>
    /// <param name="about">What the model says of itself.</param>
    /// <exception cref="CorpusException">Something is absent or malformed; the message says where.</exception>
    public static CorpusFolder Read(string path, About about)
    {
        try
        {
            var tables = new TableSet([about, .. ComputedTable.Discover(), .. StaticTables(Path.Combine(path, "tables"))]);
            var tools = ReadTools(Path.Combine(path, "tools.json"));
            var reader = new BookReader(tables, tools.Keys.ToHashSet(StringComparer.Ordinal));
            var topics = Files(Path.Combine(path, "books"), "*.book")
                .SelectMany(file => reader.Read(ReadText(file), Path.GetFileName(Path.GetDirectoryName(file))!, file))
                .ToList();
            Check(topics, path);
            return new CorpusFolder(topics, tables, tools);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new CorpusException($"{path}: a file is not UTF-8 text.", e);
        }
        catch (ArgumentException e)
        {
            throw new CorpusException($"{path}: two tables or tools have one name: {e.Message}", e);
        }
    }

    private static void Check(List<Topic> topics, string path)
    {
        if (topics.Count == 0)
            throw new CorpusException($"{path} has no topic in any book.");
        foreach (var twice in topics.GroupBy(topic => (topic.Language, topic.Name)).Where(group => group.Count() > 1))
            throw new CorpusException($"{path}: topic '{twice.Key.Name}' is there twice in '{twice.Key.Language}'.");
        string[] languages = [.. topics.Select(topic => topic.Language).Distinct().Order(StringComparer.Ordinal)];
        foreach (var topic in topics.GroupBy(topic => topic.Name, StringComparer.Ordinal))
        {
            string[] missing = [.. languages.Except(topic.Select(one => one.Language))];
            if (missing.Length > 0)
                throw new CorpusException($"{path}: topic '{topic.Key}' is missing in '{string.Join("', '", missing)}'.");
        }
    }

    private static IEnumerable<StaticTable> StaticTables(string folder) => Files(folder, "*.tsv")
        .Select(file => StaticTable.Parse(Path.GetFileNameWithoutExtension(file), ReadText(file).TrimStart('\uFEFF'), file));

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Definitions of tools by name; none where there is no file.</summary>
    /// <param name="path">A JSON array of OpenAI-style definitions.</param>
    /// <exception cref="CorpusException">It is malformed.</exception>
    public static IReadOnlyDictionary<string, JsonNode> ReadTools(string path)
    {
        var tools = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return tools;
        try
        {
            foreach (var tool in JsonNode.Parse(ReadText(path)) as JsonArray ?? throw new CorpusException($"{path} is no array."))
            {
                string name = (string?)tool?["function"]?["name"]
                    ?? throw new CorpusException($"{path}: a tool has no function.name.");
                tools.Add(name, tool!.DeepClone());
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CorpusException($"{path}: {e.Message}", e);
        }
        return tools;
    }

    private static string ReadText(string path) =>
        File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
}
