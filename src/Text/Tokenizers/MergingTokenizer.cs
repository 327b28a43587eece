using System.Diagnostics.CodeAnalysis;
using Causerie.Text.Tokenizers.Merging;

namespace Causerie.Text.Tokenizers;

/// <summary>A tokenizer that merges each word on its own, so that a word seen before is not merged again.</summary>
public abstract class MergingTokenizer : VocabularyTokenizer
{
    private readonly WordCache _cache = new();

    [SetsRequiredMembers]
    private protected MergingTokenizer(Vocabulary vocabulary, VocabularyRules rules)
        : base(vocabulary, rules)
    {
    }

    private protected void EncodeWord(ReadOnlySpan<char> word, ref TokenList ids)
    {
        if (word.Length > WordCache.LongestWord)
        {
            MergeWord(word, ref ids);
            return;
        }
        int slot = WordCache.Slot(word);
        if (_cache.TryGet(slot, word, out var known))
        {
            ids.AddRange(known);
            return;
        }
        int before = ids.Count;
        MergeWord(word, ref ids);
        _cache.Set(slot, word, ids.Ids[before..]);
    }

    private protected abstract void MergeWord(ReadOnlySpan<char> word, ref TokenList ids);
}
