using Causerie.Text.Tokenizers;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>The prompt for a place between two texts, as models learnt it.</summary>
public sealed class FillMarksTests
{
    private static readonly Vocabulary Known = ToyVocabulary.BytePair([], "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<s>");

    [Fact]
    public void Well_known_texts_and_the_files_own_word()
    {
        Assert.Equal(new FillMarks(256, 257, 258), FillMarks.Of(Known));
        Assert.Equal(new FillMarks(1, 257, 3), FillMarks.Of(Known with { FillPrefix = 1, FillMiddle = 3 }));
        Assert.Null(FillMarks.Of(ToyVocabulary.BytePair([], "<|fim_prefix|>", "<|fim_middle|>")));
        Assert.Null(FillMarks.Of(ToyVocabulary.BytePair([])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Marks_stand_before_their_texts_and_none_is_read_from_them(bool addBos)
    {
        var tokenizer = Tokenizer.Create(Known with { Bos = 259, AddBos = addBos });
        int[] expected = [.. (int[])(addBos ? [259] : []), 256, .. tokenizer.Encode("a<|fim_middle|>"), 257, .. tokenizer.Encode("b"), 258];
        Assert.Equal(expected, FillMarks.Of(tokenizer.Vocabulary)!.Prompt(tokenizer, "a<|fim_middle|>", "b"));
        Assert.Equal(1, expected.Count(id => id == 258));
    }
}
