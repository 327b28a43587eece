using System.Text.RegularExpressions;

namespace Causerie.Rules;

/// <summary>What belongs in one place stands in one place.</summary>
public sealed partial class SinglePlaceTests
{
    [Fact]
    public void Each_architecture_string_occurs_in_one_source_file()
    {
        var sources = House.Sources("src");
        var names = sources
            .Where(file => file.Path.StartsWith("src/Inference/Models/", StringComparison.Ordinal))
            .SelectMany(file => ArchitectureName().Matches(file.Text).Select(match => match.Groups[1].Value))
            .ToList();
        Assert.Contains("qwen3moe", names);
        Assert.Empty(names.SelectMany(name => Scattered(name, sources)));
        Assert.Single(Scattered("qwen9", [new("a.cs", "\"qwen9\""), new("b.cs", "== \"qwen9\"")]));
    }

    [Fact]
    public void Only_the_Markdown_renderer_hands_HTML_to_the_page()
    {
        Assert.Empty(House.Sources("src").SelectMany(RawHtml));
        Assert.Single(RawHtml(new SourceFile("src/Web/Chat/Bubble.razor", "@((MarkupString)text)")));
    }

    [Fact]
    public void Only_Host_reads_configuration()
    {
        Assert.Empty(House.Sources("src").SelectMany(Configuration));
        Assert.Single(Configuration(new SourceFile("src/Inference/X.cs", "Environment.GetEnvironmentVariable(\"X\")")));
    }

    [Fact]
    public void No_source_or_document_names_the_machine_it_was_written_on()
    {
        var documents = Directory.GetFiles(House.Root, "*.md").Concat(
            Directory.GetFiles(Path.Combine(House.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => new SourceFile(Path.GetRelativePath(House.Root, path), File.ReadAllText(path)));
        Assert.Empty(House.Sources("src").Concat(House.Sources("tests")).Concat(documents)
            .Where(file => file.Name != nameof(SinglePlaceTests)).SelectMany(MachinePaths));
        Assert.Single(MachinePaths(new SourceFile("src/X.cs", "\"/work/main/model.gguf\"")));
    }

    /// <summary>"llama" is also a tokenizer's kind and "gemma" a template's name: only their own rooms say those, and only whole quoted names count.</summary>
    private static IEnumerable<string> Scattered(string name, IReadOnlyList<SourceFile> sources)
    {
        var places = sources.Where(file => file.Text.Contains($"\"{name}\"") && !IsVocabularyKind(name, file)).Select(file => file.Path).ToList();
        if (places.Count > 1)
            yield return $"\"{name}\" stands in {string.Join(", ", places)}.";
    }

    private static bool IsVocabularyKind(string name, SourceFile file) =>
        file.Path.Contains("/Tokenizers/") || (name == "llama" && file.Path.EndsWith("VocabularyReader.cs", StringComparison.Ordinal));

    private static IEnumerable<string> RawHtml(SourceFile file)
    {
        if (file.Text.Contains("MarkupString") && file.Path != "src/Web/Chat/Markdown.cs")
            yield return $"{file.Path} hands raw HTML to the page.";
    }

    private static IEnumerable<string> Configuration(SourceFile file)
    {
        if (file.Text.Contains("GetEnvironmentVariable(") && !file.Path.StartsWith("src/Host/", StringComparison.Ordinal))
            yield return $"{file.Path} reads the environment.";
    }

    private static IEnumerable<string> MachinePaths(SourceFile file) =>
        MachinePath().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}");

    [GeneratedRegex("Name\\s*=>\\s*\"([a-z0-9-]+)\"")]
    private static partial Regex ArchitectureName();

    [GeneratedRegex("/work/(main|shared|wt-)[a-z]*")]
    private static partial Regex MachinePath();
}
