using System.Text;
using Causerie.Text.Tokenizers;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Tests.Tokenizers;

public sealed class BytePairTrainerTests
{
    private static readonly string[] Texts =
    [
        "low lower lowest low low", "newer newer wider", "l'été où naît l'œuf, l'été !", "12345 12 1", "\n\n  indented\n",
    ];

    [Fact]
    public void The_merges_are_those_of_counting_every_pair_anew()
    {
        var trained = BytePairTrainer.Train(Texts, 290, _ => { });
        Assert.Equal(Naive(Texts, 290), trained.Merges);
        Assert.Equal(256 + trained.Merges.Count, trained.Tokens.Count);
    }

    [Fact]
    public void A_vocabulary_spells_any_text_and_its_own_shortly()
    {
        var vocabulary = VocabularyBuilder.Train(Texts, 270, chats: true, _ => { });
        var tokenizer = Tokenizer.Create(vocabulary);
        foreach (string text in (string[])[.. Texts, "ünïcode 漢字 🙂", "", "\0\u0001"])
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.True(tokenizer.Encode(Texts[0]).Length < Encoding.UTF8.GetByteCount(Texts[0]) / 2);
        Assert.Equal(5, tokenizer.Encode("12345").Length);
        Assert.Single(tokenizer.Encode("<|im_end|>", parseSpecial: true));
        Assert.True(tokenizer.IsEndOfGeneration(vocabulary.Eos!.Value));
    }

    [Fact]
    public void Too_few_texts_for_a_vocabulary_are_refused() =>
        Assert.Throws<Causerie.Training.Corpus.CorpusException>(
            () => VocabularyBuilder.Train(["ab ab"], 400, chats: false, _ => { }));

    private static List<string> Naive(string[] texts, int size)
    {
        var cutter = new ByteLevelWords(BytePairTrainer.PreTokenizer);
        var words = texts.SelectMany(cutter.Cut).Select(word => Encoding.UTF8.GetBytes(word).Select(b => (int)b).ToList()).ToList();
        var tokens = Enumerable.Range(0, 256).Select(b => new[] { (byte)b }).ToList();
        var merges = new List<string>();
        while (tokens.Count < size)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair)
                .Select(group => (Pair: group.Key, Count: group.Count()))
                .OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Pair.First).ThenBy(entry => entry.Pair.Second)
                .FirstOrDefault();
            if (best.Count < 2)
                break;
            foreach (var word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != best.Pair.First || word[i + 1] != best.Pair.Second)
                        continue;
                    word[i] = tokens.Count;
                    word.RemoveAt(i + 1);
                }
            }
            merges.Add($"{ByteLevelWords.Spell(tokens[best.Pair.First])} {ByteLevelWords.Spell(tokens[best.Pair.Second])}");
            tokens.Add([.. tokens[best.Pair.First], .. tokens[best.Pair.Second]]);
        }
        return merges;
    }
}
