using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

/// <summary>A folder of data with one book a language, one table and one tool.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-data-").FullName;

    public DataFolder(string english, string french)
    {
        Write("books/en/a.book", english);
        Write("books/fr/a.book", french);
        Write("tables/town.tsv", "name\nParis\nRome\n");
        Write("tools.json", """[{"type": "function", "function": {"name": "calculator"}}]""");
    }

    /// <summary>Writes a file.</summary>
    public void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file of any bytes.</summary>
    public void Write(string path, byte[] bytes)
    {
        string place = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllBytes(place, bytes);
    }

    /// <summary>Reads the folder.</summary>
    public CorpusFolder Read() => CorpusFolder.Read(_folder, About.Of(5_000_000, new DateOnly(2026, 11, 26), 6_000_000));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
