using System.Globalization;
using Causerie.Training.Corpus;
using Causerie.Training.Corpus.Tables;

namespace Causerie.Training.Tests.Corpus;

public sealed class ComputedTableTests
{
    public static TheoryData<string> Names => [.. ComputedTable.Discover().Select(table => table.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_row_is_whole_and_none_is_always_the_same(string name)
    {
        var table = ComputedTable.Discover().Single(table => table.Name == name);
        var rows = Rows(table, 300);
        Assert.All(rows, row => Assert.Equal(table.Columns.Count, row.Count));
        Assert.All(rows.SelectMany(row => row), cell => Assert.False(string.IsNullOrWhiteSpace(cell)));
        Assert.True(rows.Select(row => string.Join('\t', row)).Distinct().Count() > 10);
    }

    [Theory]
    [InlineData("sum", 1)]
    [InlineData("difference", -1)]
    public void Sums_are_right(string name, int sign)
    {
        foreach (var row in Rows(ComputedTable.Discover().Single(table => table.Name == name), 500))
            Assert.Equal(Number(row[0]) + (sign * Number(row[1])), Number(row[2]));
    }

    [Fact]
    public void Sums_are_worked_out_step_by_step_and_every_step_is_right()
    {
        var rows = Rows(new Sums(), 1000).Concat(Rows(new Differences(), 1000)).ToList();
        Assert.Contains(rows, row => row[3].Contains(", ", StringComparison.Ordinal));
        foreach (var row in rows)
        {
            string[] steps = row[3].Split([", ", ": "], StringSplitOptions.None);
            Assert.All(steps, step =>
            {
                string[] terms = step.Split(' ');
                Assert.Equal(5, terms.Length);
                Assert.Equal(
                    terms[1] == "+" ? Number(terms[0]) + Number(terms[2]) : Number(terms[0]) - Number(terms[2]), Number(terms[4]));
            });
            string[] last = steps[^1].Split(' ');
            Assert.Equal([row[0], row[1], row[2]], [last[0], last[2], last[4]]);
        }
    }

    [Fact]
    public void Products_calculations_and_percentages_are_right()
    {
        Assert.All(Rows(new SmallProducts(), 300), row => Assert.Equal(Number(row[0]) * Number(row[1]), Number(row[2])));
        Assert.All(Rows(new Percentages(), 300), row => Assert.Equal(Number(row[0]) * Number(row[1]) / 100, Number(row[3])));
        Assert.All(Rows(new Calculations(), 1000), row => Assert.Equal(
            row[2] switch
            {
                "+" => Number(row[0]) + Number(row[1]),
                "-" => Number(row[0]) - Number(row[1]),
                "*" => Number(row[0]) * Number(row[1]),
                _ => Number(row[0]) / Number(row[1]),
            }, Number(row[6])));
    }

    [Fact]
    public void Weekdays_count_on()
    {
        string[] days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
        foreach (var row in Rows(new WeekdaysAfter(), 200))
            Assert.Equal(days[(Array.IndexOf(days, row[1]) + (int)Number(row[2])) % 7], row[4]);
    }

    [Theory]
    [InlineData(1, "one", "un")]
    [InlineData(21, "twenty-one", "vingt et un")]
    [InlineData(70, "seventy", "soixante-dix")]
    [InlineData(71, "seventy-one", "soixante et onze")]
    [InlineData(76, "seventy-six", "soixante-seize")]
    [InlineData(80, "eighty", "quatre-vingts")]
    [InlineData(81, "eighty-one", "quatre-vingt-un")]
    [InlineData(91, "ninety-one", "quatre-vingt-onze")]
    [InlineData(99, "ninety-nine", "quatre-vingt-dix-neuf")]
    [InlineData(100, "one hundred", "cent")]
    public void Numbers_are_spelt(int number, string english, string french)
    {
        Assert.Equal(english, Numbers.English(number));
        Assert.Equal(french, Numbers.French(number));
    }

    [Fact]
    public void Conversions_have_short_results()
    {
        foreach (var row in Rows(new Conversions(), 2000))
        {
            Assert.InRange(row[5].Length, 1, 7);
            Assert.Equal(row[5].Replace('.', ','), row[6]);
        }
        Assert.Contains(Rows(new Conversions(), 2000), row => row is ["5", "kilometres", "metres", _, _, "5000", "5000"]);
        Assert.Contains(Rows(new Conversions(), 2000), row => row is ["100", "degrees Celsius", _, _, _, "212", _]);
    }

    [Fact]
    public void About_tells_size_and_date_in_both_languages()
    {
        var row = About.Of(5_472_512, new DateOnly(2026, 12, 1), 5_800_000).Draw(new Dice(1));
        Assert.Equal(["5.5 million", "5,5 millions", "1 December 2026", "1er décembre 2026", "6 MB", "6 Mo"], row);
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static List<IReadOnlyList<string>> Rows(Table table, int count)
    {
        var dice = new Dice(9);
        return [.. Enumerable.Range(0, count).Select(_ => table.Draw(dice))];
    }
}
