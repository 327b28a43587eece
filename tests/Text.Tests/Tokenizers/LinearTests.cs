using System.Diagnostics;
using System.Text;
using Causerie.Tests;
using Causerie.Text.Tokenizers.PreTokenizers;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>Times are taken alone.</summary>
[CollectionDefinition(nameof(Timed), DisableParallelization = true)]
public sealed class Timed;

/// <summary>One megabyte takes under two seconds, whatever it is made of.</summary>
[Collection(nameof(Timed))]
public sealed class LinearTests(Vocabularies vocabularies) : IClassFixture<Vocabularies>
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("ggml-vocab-gpt-2.gguf")]
    [InlineData("ggml-vocab-llama-bpe.gguf")]
    [InlineData("ggml-vocab-gpt-oss-o200k-harmony.gguf")]
    [InlineData("ggml-vocab-gpt-neox.gguf")]
    [InlineData("ggml-vocab-deepseek-llm.gguf")]
    [InlineData("ggml-vocab-llama-spm.gguf")]
    [InlineData("ggml-vocab-baichuan.gguf")]
    [InlineData("sentencepiece-unigram-1k.gguf")]
    [InlineData("ggml-vocab-bert-bge.gguf")]
    public void A_megabyte_takes_under_two_seconds(string file)
    {
        var tokenizer = vocabularies[file];
        tokenizer.Encode("warm");
        foreach (string text in (string[])[new string('a', Megabyte), Prose(), new string(' ', Megabyte)])
            AssertUnderTwoSeconds($"{text.Length} of '{text[0]}'", () => tokenizer.Encode(text, parseSpecial: true));
    }

    [Theory]
    [MemberData(nameof(SplitterTests.Names), MemberType = typeof(SplitterTests))]
    public void No_input_makes_a_scanner_try_again_and_again(string name)
    {
        const int Length = 40_000; // what is quadratic takes a billion steps already
        var splitters = PreTokenizerNames.Find(name).Splitters;
        foreach (string part in (string[])
            ["a", " ", "1", "'", "\n", " \n", "A", "日A", "!", "<sentinel:1", "\u0301", "1a", "\0"])
        {
            string text = new StringBuilder().Insert(0, part, Length / part.Length).Append("a_").ToString();
            AssertUnderTwoSeconds(
                part, () => Assert.Equal(text.Length, SplitterTests.ByScanner(text, splitters).Sum(piece => piece.Length)));
        }
    }

    // A busy machine may spoil an attempt, but what is not linear fails all of them.
    private static void AssertUnderTwoSeconds(string what, Action run)
    {
        var best = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 5 && best >= TimeSpan.FromSeconds(2); attempt++)
        {
            var watch = Stopwatch.StartNew();
            run();
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }
        Assert.True(best < TimeSpan.FromSeconds(2), $"{what} took {best.TotalSeconds:F2} s.");
    }

    // The documents beside the conformance data where they are, else prose of our own.
    private static string Prose()
    {
        string folder = Path.Combine(ConformanceData.Require(".."), "documents");
        string once = Directory.Exists(folder)
            ? string.Concat(Directory.EnumerateFiles(folder, "*.txt").Order().Select(File.ReadAllText))
            : "L'été dernier, j'ai mangé des crêpes à Orléans — c'était délicieux ! Et vous, qu'avez-vous fait ?\n";
        var text = new StringBuilder();
        while (Encoding.UTF8.GetByteCount(once) * (long)(text.Length / once.Length) < Megabyte)
            text.Append(once);
        return text.ToString();
    }
}
