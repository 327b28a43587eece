using System.Diagnostics;
using System.Text;
using Causerie.Tests;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>One megabyte takes under two seconds, whatever it is made of.</summary>
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
        {
            // A busy machine may spoil one attempt, but what is not linear fails all of them.
            var best = TimeSpan.MaxValue;
            for (int attempt = 0; attempt < 3 && best >= TimeSpan.FromSeconds(2); attempt++)
            {
                var watch = Stopwatch.StartNew();
                tokenizer.Encode(text, parseSpecial: true);
                best = watch.Elapsed < best ? watch.Elapsed : best;
            }
            Assert.True(best < TimeSpan.FromSeconds(2), $"{text.Length} of '{text[0]}' took {best.TotalSeconds:F2} s.");
        }
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
