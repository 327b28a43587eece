using System.Text;
using Causerie.Text.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace Causerie.Text.Tests.Tokenizers;

public sealed class RoundTripTests(Vocabularies vocabularies) : IClassFixture<Vocabularies>
{
    // Any UTF-16 at all: ASCII, Latin, every plane, lone surrogates, and words that vocabularies know.
    private static readonly Arbitrary<string> Texts = Gen.OneOf(
            Gen.Choose(0, 0x7F).Select(value => ((char)value).ToString()),
            Gen.Choose(0, 0xFFFF).Select(value => ((char)value).ToString()),
            Gen.Choose(0xD800, 0xDFFF).Select(value => ((char)value).ToString()),
            Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32),
            Gen.Elements(
                " the", " été", "don't", "\r\n\n", "   ", "1234567", "<|im_end|>", "日本語", "é", "👨‍👩‍👧", " ?", " 's"))
        .ListOf().Select(string.Concat).ToArbitrary();

    [Theory]
    [InlineData("ggml-vocab-gpt-2.gguf")]
    [InlineData("ggml-vocab-llama-bpe.gguf")]
    [InlineData("ggml-vocab-qwen2.gguf")]
    [InlineData("ggml-vocab-gpt-oss-o200k-harmony.gguf")]
    [InlineData("ggml-vocab-deepseek-llm.gguf")]
    [InlineData("ggml-vocab-gpt-neox.gguf")]
    public void A_byte_level_vocabulary_gives_any_text_back(string file)
    {
        var tokenizer = vocabularies[file];
        Check(text => Streamed(tokenizer, text) == Valid(text));
        // Some vocabularies' own clean-up takes spaces out of decoded text.
        string[] cleaned = ["ggml-vocab-gpt-2.gguf", "ggml-vocab-llama-bpe.gguf", "ggml-vocab-gpt-neox.gguf"];
        if (!cleaned.Contains(file))
            Check(text => tokenizer.Decode(tokenizer.Encode(text)) == Valid(text));
    }

    [Fact]
    public void A_character_whose_bytes_have_no_token_becomes_the_replacement_character()
    {
        // This vocabulary has no token for byte F1, which begins the planes 4 to 7.
        var tokenizer = vocabularies["ggml-vocab-refact.gguf"];
        Assert.Equal("a\uFFFDb\uFFFD", Streamed(tokenizer, "a\U00040000b\U0007FFFF"));
        Check(text => Streamed(tokenizer, text) == Valid(text, 4, 7));
    }

    [Theory]
    [InlineData("ggml-vocab-llama-spm.gguf")]
    [InlineData("mistral-v3.gguf")]
    public void Byte_fallback_gives_any_text_back(string file)
    {
        var tokenizer = vocabularies[file];
        // U+2581 is how such vocabularies write a space; it cannot come back as itself.
        Check(text => tokenizer.Decode(tokenizer.Encode(text)) == Valid(text).Replace('\u2581', ' '));
    }

    [Fact]
    public async Task Many_threads_get_the_ids_that_one_gets()
    {
        var tokenizer = vocabularies["ggml-vocab-qwen2.gguf"];
        string[] texts = [.. Enumerable.Range(0, 200)
            .Select(i => $"Phrase {i} : l'été {i * i}, {new string('x', i)} !")];
        int[][] alone = [.. texts.Select(text => tokenizer.Encode(text))];
        var together = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Task.Run(() => texts.Select(text => tokenizer.Encode(text)).ToArray())));
        Assert.All(together, ids => Assert.Equal(alone, ids));
    }

    private static void Check(Func<string, bool> holds) =>
        Prop.ForAll(Texts, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static string Streamed(Tokenizer tokenizer, string text)
    {
        var detokenizer = new Detokenizer(tokenizer);
        var whole = new StringBuilder();
        foreach (int id in tokenizer.Encode(text))
            whole.Append(detokenizer.Add(id));
        return whole.Append(detokenizer.Flush()).ToString();
    }

    // The text without unpaired surrogates, and without the planes that the vocabulary cannot spell.
    private static string Valid(string text, int firstPlane = 99, int lastPlane = 99) =>
        string.Concat(text.EnumerateRunes().Select(rune =>
            (rune.Plane >= firstPlane && rune.Plane <= lastPlane ? Rune.ReplacementChar : rune).ToString()));
}
