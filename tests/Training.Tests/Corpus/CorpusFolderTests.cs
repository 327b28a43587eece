using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class CorpusFolderTests
{
    private const string Book = "= a\n? b\n! c\n";

    [Fact]
    public void A_folder_has_the_topics_of_all_languages_its_tables_and_its_tools()
    {
        using var folder = new DataFolder(Book, Book);
        var corpus = folder.Read();
        Assert.Equal(["en", "fr"], corpus.Topics.Select(topic => topic.Language));
        Assert.Equal(["calculator"], corpus.Tools.Keys);
        foreach (string table in (string[])["town", "about", "sum", "weekday_plus", "gibberish"])
            Assert.NotNull(corpus.Tables.Find(table));
    }

    [Theory]
    [InlineData("books/en/b.book", "= only.here\n? b\n! c\n", "'only.here' is missing in 'fr'")]
    [InlineData("books/en/b.book", Book, "'a' is there twice in 'en'")]
    [InlineData("books/en/b.book", "= b\n? <<city.name>>\n! c\n", "no table 'city'")]
    [InlineData("tables/sum.tsv", "a\n1\n", "one name")]
    [InlineData("tables/x.tsv", "a\tb\n1\n", "x.tsv, line 2")]
    [InlineData("tools.json", "{}", "no array")]
    [InlineData("tools.json", "[{}]", "function.name")]
    [InlineData("tools.json", "[3]", "tools.json")]
    [InlineData("tools.json", "[", "tools.json")]
    public void What_is_malformed_is_refused_by_name(string path, string text, string said)
    {
        using var folder = new DataFolder(Book, Book);
        folder.Write(path, text);
        Assert.Contains(said, Assert.Throws<CorpusException>(() => folder.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        using var folder = new DataFolder(Book, Book);
        folder.Write("books/en/a.book", [.. "= a\n? "u8, 0xE9, .. "\n! c\n"u8]);
        Assert.Contains("UTF-8", Assert.Throws<CorpusException>(() => folder.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_topics_is_refused()
    {
        using var folder = new DataFolder("# nothing\n", "");
        Assert.Contains("no topic", Assert.Throws<CorpusException>(() => folder.Read()).Message, StringComparison.Ordinal);
    }
}
