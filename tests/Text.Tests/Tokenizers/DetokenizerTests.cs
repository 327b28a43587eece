using System.Text;
using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Tokenizers;

public sealed class DetokenizerTests
{
    private readonly Tokenizer _bytes = Tokenizer.Create(ToyVocabulary.BytePair(["a b"], "<|end|>"));

    [Fact]
    public void A_character_comes_out_when_its_last_byte_is_in()
    {
        Assert.Equal(["", "é", "", "", "€", "", "", "", "👍", "a"], Stream("é€👍a"u8, out string rest));
        Assert.Equal("", rest);
    }

    [Fact]
    public void A_dangling_beginning_comes_out_at_the_end_as_one_replacement_character()
    {
        Assert.Equal(["x", "", "", ""], Stream([(byte)'x', 0xF0, 0x9F, 0x91], out string rest));
        Assert.Equal("\uFFFD", rest);
    }

    [Fact]
    public void Bytes_that_are_no_text_come_out_as_in_one_piece()
    {
        byte[][] hostile =
        [
            [0xC3, (byte)'a'], [0xFF, 0xFE, (byte)'b'], [0xE2, 0x82, 0xE2, 0x82, 0xAC], [0xED, 0xA0, 0x80],
            [0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF], [0xF0, 0x9F, 0x91, 0x8D, 0x8D], [0xEF, 0xBB, 0xBF, (byte)'c'],
        ];
        foreach (byte[] bytes in hostile)
            Assert.Equal(Encoding.UTF8.GetString(bytes), string.Concat(Stream(bytes, out string rest)) + rest);
    }

    [Fact]
    public void Control_tokens_show_only_when_asked()
    {
        int end = _bytes.Vocabulary.Tokens.Length - 1;
        Assert.Equal("", new Detokenizer(_bytes).Add(end));
        Assert.Equal("<|end|>", new Detokenizer(_bytes, showSpecial: true).Add(end));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Detokenizer(_bytes).Add(end + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Detokenizer(_bytes).Add(-1));
    }

    [Fact]
    public void The_vocabularys_own_space_in_front_can_be_dropped_once()
    {
        var tokenizer = Tokenizer.Create(ToyVocabulary.SentencePiece("▁", "a", "▁a"));
        var detokenizer = new Detokenizer(tokenizer, trimLeadingSpace: true);
        Assert.Equal("a a", string.Concat(tokenizer.Encode("a a", addSpecial: true).Select(detokenizer.Add)));
    }

    private string[] Stream(ReadOnlySpan<byte> bytes, out string rest)
    {
        var detokenizer = new Detokenizer(_bytes);
        var pieces = new List<string>();
        foreach (byte value in bytes)
            pieces.Add(detokenizer.Add(value));
        rest = detokenizer.Flush();
        return [.. pieces];
    }
}
