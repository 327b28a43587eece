using Causerie.Conversations;

namespace Causerie.Tests;

public class TitlesTests
{
    [Theory]
    [InlineData("Hello there", "Hello there")]
    [InlineData("\n\n  # A   heading  \nmore", "A heading")]
    [InlineData("> quoted", "quoted")]
    [InlineData("   ", "")]
    [InlineData("##", "##")]
    public void Take_the_first_line_that_says_something(string text, string title) =>
        Assert.Equal(title, Titles.From(text));

    [Fact]
    public void Are_cut_between_words_with_an_ellipsis()
    {
        string title = Titles.From("Why is it that the sea is salty while the rivers that fill it are all of them sweet?");
        Assert.Equal("Why is it that the sea is salty while the rivers that fill…", title);
    }

    [Fact]
    public void Never_cut_a_character_in_half()
    {
        string family = "👨‍👩‍👧‍👦";
        string title = Titles.From(string.Concat(Enumerable.Repeat(family, 80)));
        Assert.Equal(string.Concat(Enumerable.Repeat(family, 59)) + "…", title);
    }
}
