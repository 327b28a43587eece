using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class NoiseTests
{
    private static readonly TableSet Tables = new([StaticTable.Parse("t", "x\nÉlan\n", "t.tsv")]);

    [Theory]
    [InlineData(1, 0, 0, "Où est `Causerie`, <<t.x>> ?", "où est `Causerie`, Élan ?")]
    [InlineData(0, 1, 0, "Où est `Causerie`, <<t.x>> ?", "Où est `Causerie`, Élan")]
    [InlineData(0, 0, 1, "Où est `Été`, <<t.x>> ?", "Ou est `Été`, Élan ?")]
    [InlineData(0, 0, 0, "  a   b ", "a b")]
    [InlineData(0, 1, 0, "?", "?")]
    public void Each_kind_does_what_it_says(double small, double noMark, double noAccents, string question, string expected)
    {
        var noise = new Noise { Small = small, NoMark = noMark, NoAccents = noAccents, Slip = 0, Hurry = 0 };
        Assert.Equal(expected, Typed(noise, question, 1));
    }

    [Fact]
    public void A_slip_touches_one_letter_of_a_word_and_no_number_slot_or_code()
    {
        var noise = new Noise { Small = 0, NoMark = 0, NoAccents = 0, Slip = 1, Hurry = 0 };
        const string Question = "Please add 12345 `code` <<t.x>>";
        var typed = Enumerable.Range(0, 300).Select(i => Typed(noise, Question, (ulong)i)).Distinct().ToList();
        Assert.True(typed.Count > 10);
        Assert.All(typed, text => Assert.EndsWith("12345 `code` Élan", text, StringComparison.Ordinal));
        Assert.All(typed, text => Assert.InRange(text.Length, Question.Length - 5, Question.Length - 3 + 1));
    }

    [Fact]
    public void Hurry_leaves_out_words_between_others_only_where_it_may()
    {
        var noise = new Noise { Small = 0, NoMark = 0, NoAccents = 0, Slip = 0, Hurry = 1, LeftOut = 1 };
        var dice = new Dice(1);
        var pieces = PhraseParser.Parse("Where do I find `the old file` of <<t.x>> and so on?").Pieces(dice, new RowSet(Tables));
        Assert.Equal("Where `the old file` Élan on?", noise.Apply(pieces, dice, mayLeaveOut: true).Replace(" of ", " ", StringComparison.Ordinal));
        Assert.Equal("Where do I find `the old file` of Élan and so on?", noise.Apply(pieces, dice));
    }

    private static string Typed(Noise noise, string question, ulong seed)
    {
        var dice = new Dice(seed);
        return noise.Apply(PhraseParser.Parse(question).Pieces(dice, new RowSet(Tables)), dice);
    }
}
