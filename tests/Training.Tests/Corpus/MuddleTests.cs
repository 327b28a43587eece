using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class MuddleTests
{
    private static readonly TableSet Tables = new([StaticTable.Parse("t", "x\nÉlan vert\n", "t.tsv")]);
    private static readonly MuddleOptions Nothing = new() { Chance = 1, LeftOut = 0, Strays = 0, Swaps = 0, Slips = 0 };
    private static readonly string[] Lent = ["alpha", "beta"];

    [Fact]
    public void Nothing_changes_where_nothing_may() =>
        Assert.Equal("where is `the old file` of Élan vert ?", Muddled(Nothing, "where is `the old file` of <<t.x>> ?", isFixed: true, 1));

    [Fact]
    public void Words_are_left_out_but_for_slots_code_and_figures()
    {
        var texts = Many(Nothing with { LeftOut = 1 }, "where is `the old file` of <<t.x>> in 1999 now", isFixed: true);
        Assert.True(texts.Distinct().Count() > 10);
        Assert.All(texts, text => Assert.True(
            text.Contains("`the old file`", StringComparison.Ordinal) && text.Contains("Élan vert", StringComparison.Ordinal)
            && text.Contains("1999", StringComparison.Ordinal), text));
        Assert.All(Many(Nothing with { LeftOut = 1 }, "only these four words", isFixed: true), text => Assert.InRange(text.Split(' ').Length, 2, 4));
    }

    [Fact]
    public void An_answer_that_hangs_on_the_question_keeps_all_its_words_in_order()
    {
        var options = new MuddleOptions { Chance = 1, LeftOut = 1, Strays = 3, Swaps = 5, Slips = 0 };
        var texts = Many(options, "is one more than two", isFixed: false);
        Assert.Contains(texts, text => text.Contains("alpha", StringComparison.Ordinal));
        Assert.All(texts, text => Assert.Equal(
            "is one more than two", string.Join(' ', text.Split(' ').Where(word => !Lent.Contains(word)))));
    }

    [Fact]
    public void Neighbours_change_places_and_no_word_is_lost()
    {
        var texts = Many(Nothing with { Swaps = 3 }, "one two three <<t.x>>", isFixed: true);
        Assert.True(texts.Distinct().Count() > 5);
        Assert.All(texts, text => Assert.Equal(
            ["one", "three", "two", "vert", "Élan"], text.Split(' ').Order(StringComparer.Ordinal)));
        Assert.All(texts, text => Assert.Contains("Élan vert", text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_letter_slips_inside_a_word_and_in_no_slot()
    {
        var texts = Many(Nothing with { Slips = 1 }, "which model <<t.x>>", isFixed: true);
        Assert.Contains("wihch model Élan vert", texts);
        Assert.All(texts, text => Assert.EndsWith("Élan vert", text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.StartsWith("w", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_corpus_lends_the_words_and_the_seed_says_which()
    {
        using var folder = new DataFolder("= a\n? where may my file be\n! there\n", "= a\n? ou donc\n! la\n");
        var options = new ExpanderOptions
        {
            More = 0,
            Long = 0,
            Noise = new Noise { Small = 0, NoMark = 0, NoAccents = 0, Slip = 0 },
            Muddle = new MuddleOptions { Chance = 0.5 },
        };
        List<string> Asked() => [.. Enumerable.Range(0, 300)
            .Select(i => new Expander(folder.Read(), options).Draw(new Dice((ulong)i)).Messages[0].Text)];
        var asked = Asked();
        Assert.Equal(asked, Asked());
        Assert.InRange(asked.Count(text => text is "where may my file be" or "ou donc"), 100, 220);
    }

    private static List<string> Many(MuddleOptions options, string question, bool isFixed) =>
        [.. Enumerable.Range(0, 300).Select(i => Muddled(options, question, isFixed, (ulong)i))];

    private static string Muddled(MuddleOptions options, string question, bool isFixed, ulong seed)
    {
        var words = new Dictionary<string, string[]> { ["en"] = Lent };
        var dice = new Dice(seed);
        var pieces = PhraseParser.Parse(question).Pieces(dice, new RowSet(Tables));
        return string.Concat(new Muddle(options, words, words).Apply(pieces, "en", isFixed, dice).Select(piece => piece.Text)).Trim();
    }
}
