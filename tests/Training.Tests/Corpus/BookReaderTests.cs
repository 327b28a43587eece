using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class BookReaderTests
{
    private static readonly BookReader Reader = new(
        new TableSet([StaticTable.Parse("town", "name\nParis\nRome\n", "town.tsv")]),
        new HashSet<string> { "calculator" });

    [Fact]
    public void A_book_is_read_with_turns_calls_and_answers_of_several_lines()
    {
        var topics = Reader.Read(
            """
            # A comment.
            = sum.big *3
            ~ Be short.
            + calculator
            ? 12 * 7?
            ? times
            > calculator {"expression": "12 * 7"}
            < 84
            ! 84
            ? And?

            ! One
              two
            = town.is
            ? <<town.name>>?
            ! Yes.
            """, "en", "x.book");
        Assert.Equal(["sum.big", "town.is"], topics.Select(topic => topic.Name));
        var sum = topics[0];
        Assert.Equal(3, sum.Weight);
        Assert.Equal("calculator", Assert.Single(sum.Tools));
        Assert.Single(sum.Systems);
        Assert.True(sum.Begins);
        Assert.Equal(2, sum.Turns.Count);
        Assert.Equal(2, sum.Turns[0].Questions.Count);
        Assert.Equal("calculator", sum.Turns[0].Call!.Tool);
        Assert.Equal("One\ntwo", Assert.Single(sum.Turns[1].Answers).Draw(new Dice(1), new RowSet(new TableSet([]))));
    }

    [Theory]
    [InlineData("? a\n! b", "line 1")]
    [InlineData("= ", "no topic")]
    [InlineData("= a b c", "no topic")]
    [InlineData("= a *0\n? a\n! b", "no topic")]
    [InlineData("= a\n! b", "question before")]
    [InlineData("= a\n? b", "without an answer")]
    [InlineData("= a", "no question")]
    [InlineData("= a\n? b\n! c\nx", "begins with one of")]
    [InlineData("= a\n? b\n~ c\n! d", "before the first question")]
    [InlineData("= a\n? b\n+ calculator\n! d", "before the first question")]
    [InlineData("= a\n+ oven\n? b\n! c", "no tool 'oven'")]
    [InlineData("= a\n? b\n> calculator {}\n< 1\n! c", "not offered")]
    [InlineData("= a\n+ calculator\n? b\n> calculator\n! c", "'> name {json}'")]
    [InlineData("= a\n+ calculator\n? b\n> calculator [1]\n< 1\n! c", "JSON object")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {oops\n< 1\n! c", "JSON object")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {}\n! c", "needs its result")]
    [InlineData("= a\n+ calculator\n? b\n< 1\n! c", "follows a call")]
    [InlineData("= a\n? \n! c", "no text")]
    [InlineData("= a\n? [[b\n! c", "line 2")]
    [InlineData("= a\n? <<city.name>>\n! c", "no table 'city'")]
    [InlineData("= a\n? <<town.size>>\n! c", "no column 'size'")]
    [InlineData("= a\n? <<town#3.name>>\n! c", "no 3 different rows")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {[[\"x\": 1|oops]]}\n< 1\n! c", "JSON object")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {\"x\": 1, \"x\": 2}\n< 1\n! c", "JSON object")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {}\n> calculator {}\n< 1\n! c", "one call")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {}\n< 1\n< 1\n! c", "follows a call")]
    [InlineData("= a\n+ calculator\n? b\n> calculator {}\n? b\n< 1\n! c", "before the call")]
    [InlineData("= a\n? b\n! c\n\n  d", "begins with one of")]
    [InlineData("= a\n- clock\n? b\n! c", "no tool 'clock'")]
    [InlineData("= a\n? b\n- calculator\n! c", "before the first question")]
    [InlineData("= a\n+ calculator\n- calculator\n? b\n! c", "cannot stand beside")]
    public void A_malformed_line_is_refused_by_its_number(string text, string said)
    {
        string message = Assert.Throws<CorpusException>(() => Reader.Read(text, "en", "x.book")).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.StartsWith("x.book, line ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_to_a_book_is_read_or_refused_and_nothing_else()
    {
        const string Book = "= sum *2\n~ s\n+ calculator\n? a [[b|c]] <<town.name>>\n> calculator {\"x\": \"1\"}\n< 2\n! d\n  e\n? f\n! g\n";
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = Book.ToCharArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = "=~+?!><#[]|. \n\"{}*a"[random.Next(19)];
            try
            {
                foreach (var topic in Reader.Read(new string(text), "en", "x.book"))
                    Assert.NotEmpty(topic.Turns);
            }
            catch (CorpusException)
            {
            }
        }
    }
}
