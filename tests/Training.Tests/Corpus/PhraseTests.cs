using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class PhraseTests
{
    private static readonly TableSet Tables = new(
    [
        StaticTable.Parse("town", "name\tof\nParis\tof Paris\nRome\tof [[old|]] Rome\n", "town.tsv"),
    ]);

    [Fact]
    public void Every_alternative_is_drawn_and_nothing_else()
    {
        var phrase = PhraseParser.Parse("[[Hi|Hello [[there|you]]|]], x|y");
        Assert.Equal(4, phrase.Variants);
        Assert.Equal(
            [", x|y", "Hello there, x|y", "Hello you, x|y", "Hi, x|y"],
            Enumerable.Range(0, 200).Select(i => phrase.Draw(new Dice((ulong)i), new RowSet(Tables)))
                .Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_row_stays_the_same_and_the_second_is_another()
    {
        var phrase = PhraseParser.Parse("<<town.name>> <<town.name>> <<town#2.name>>");
        for (ulong i = 0; i < 50; i++)
            Assert.Contains(phrase.Draw(new Dice(i), new RowSet(Tables)), (string[])["Paris Paris Rome", "Rome Rome Paris"]);
    }

    [Fact]
    public void A_cell_may_have_alternatives()
    {
        var phrase = PhraseParser.Parse("<<town.of>>");
        Assert.Equal(
            ["of  Rome", "of Paris", "of old Rome"],
            Enumerable.Range(0, 100).Select(i => phrase.Draw(new Dice((ulong)i), new RowSet(Tables)))
                .Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[[a|b")]
    [InlineData("a]]")]
    [InlineData("<<a.b")]
    [InlineData("a>>")]
    [InlineData("<<a>>")]
    [InlineData("<<.b>>")]
    [InlineData("<<a.>>")]
    [InlineData("<<a.b.c>>")]
    [InlineData("<<a#0.b>>")]
    [InlineData("<<a#x.b>>")]
    [InlineData("<<a#1#2.b>>")]
    public void A_malformed_phrase_is_refused(string text) =>
        Assert.Throws<FormatException>(() => PhraseParser.Parse(text));

    [Fact]
    public void Alternatives_stand_in_one_another_only_so_deep()
    {
        Assert.Equal(1, PhraseParser.Parse(Nested(20)).Variants);
        Assert.Throws<FormatException>(() => PhraseParser.Parse(Nested(21)));
        Assert.Throws<FormatException>(() => PhraseParser.Parse(new string('[', 1_000_000)));

        static string Nested(int depth) => string.Concat(Enumerable.Repeat("[[", depth)) + "a" + string.Concat(Enumerable.Repeat("]]", depth));
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("a\ta\n1\t2", "once each")]
    [InlineData("a\tb\n1", "line 2")]
    [InlineData("a\tb\n1\t ", "empty")]
    [InlineData("a\tb\n1\t[[x", "line 2")]
    [InlineData("a\tb\n1\t[[x|<<y.z>>]]", "no slots")]
    [InlineData("a\tb\n1\t<<y.z>>", "no slots")]
    [InlineData("a\tb\n", "no rows")]
    public void A_malformed_table_is_refused(string text, string said) => Assert.Contains(
        said, Assert.Throws<CorpusException>(() => StaticTable.Parse("t", text, "t.tsv")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_same_seed_throws_the_same_and_another_another()
    {
        Assert.Equal(Throws(new Dice(7)), Throws(new Dice(7)));
        Assert.NotEqual(Throws(new Dice(7)), Throws(new Dice(8)));
        Assert.NotEqual(Throws(new Dice(7).Fork(1)), Throws(new Dice(7).Fork(2)));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(new Dice(3).NextDouble(), 0, 0.9999999));
        int[] counts = new int[6];
        var dice = new Dice(1);
        for (int i = 0; i < 60_000; i++)
            counts[dice.Next(6)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));

        static ulong[] Throws(Dice dice) => [.. Enumerable.Range(0, 20).Select(_ => dice.NextUInt64())];
    }
}
