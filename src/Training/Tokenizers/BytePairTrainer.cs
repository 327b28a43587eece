using System.Text;
using Causerie.Text.Tokenizers;

namespace Causerie.Training.Tokenizers;

/// <summary>Trains byte-level byte-pair encoding (Sennrich et al., 2016; Radford et al., 2019).</summary>
/// <remarks>The most frequent pair is merged, of equal ones that with the smallest ids: the same texts give the same tokens.</remarks>
public sealed class BytePairTrainer
{
    /// <summary>The pre-tokenizer whose words merges stay within: every digit is a word of its own.</summary>
    public const string PreTokenizer = "qwen2";

    private readonly List<byte[]> _tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
    private readonly List<(int Left, int Right)> _merges = [];
    private readonly List<int[]> _words = []; // ids of each distinct word
    private readonly List<long> _counts = []; // how often it came
    private readonly Dictionary<(int, int), long> _pairs = [];
    private readonly Dictionary<(int, int), HashSet<int>> _places = []; // words that have, or had, the pair
    private readonly PriorityQueue<(int Left, int Right), Rank> _queue = new();

    private BytePairTrainer(IEnumerable<string> texts)
    {
        var words = new ByteLevelWords(PreTokenizer);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            foreach (string word in words.Cut(text))
                counts[word] = counts.GetValueOrDefault(word) + 1;
        }
        foreach (var (word, count) in counts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            _words.Add([.. Encoding.UTF8.GetBytes(word).Select(value => (int)value)]);
            _counts.Add(count);
        }
        for (int word = 0; word < _words.Count; word++)
            Count(word, 1);
        foreach (var (pair, count) in _pairs)
            _queue.Enqueue(pair, new Rank(count, pair.Item1, pair.Item2));
    }

    /// <summary>Trains a vocabulary.</summary>
    /// <param name="texts">What it is to spell well.</param>
    /// <param name="size">Its tokens at most; the 256 bytes are always there.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    public static TrainedVocabulary Train(IEnumerable<string> texts, int size, Action<double> progress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 256);
        var trainer = new BytePairTrainer(texts);
        while (trainer._tokens.Count < size && trainer.MergeNext())
            progress((double)(trainer._tokens.Count - 256) / Math.Max(1, size - 256));
        string[] spellings = [.. trainer._tokens.Select(bytes => ByteLevelWords.Spell(bytes))];
        return new TrainedVocabulary(
            spellings, [.. trainer._merges.Select(merge => $"{spellings[merge.Left]} {spellings[merge.Right]}")]);
    }

    /// <summary>Merges the best pair; false where no pair comes twice.</summary>
    private bool MergeNext()
    {
        while (_queue.TryDequeue(out var pair, out var rank))
        {
            long count = _pairs.GetValueOrDefault(pair);
            if (count != rank.Count)
            {
                if (count > 0)
                    _queue.Enqueue(pair, new Rank(count, pair.Left, pair.Right));
                continue;
            }
            if (count < 2)
                return false;
            Merge(pair);
            return true;
        }
        return false;
    }

    private void Merge((int Left, int Right) pair)
    {
        int id = _tokens.Count;
        _tokens.Add([.. _tokens[pair.Left], .. _tokens[pair.Right]]);
        _merges.Add(pair);
        var grown = new HashSet<(int, int)>();
        foreach (int word in _places[pair].Order())
        {
            Count(word, -1);
            _words[word] = Replace(_words[word], pair, id);
            Count(word, 1);
            for (int i = 0; i + 1 < _words[word].Length; i++)
            {
                if (_words[word][i] == id || _words[word][i + 1] == id)
                    grown.Add((_words[word][i], _words[word][i + 1]));
            }
        }
        _pairs.Remove(pair);
        _places.Remove(pair);
        foreach (var next in grown)
            _queue.Enqueue(next, new Rank(_pairs[next], next.Item1, next.Item2));
    }

    private static int[] Replace(int[] word, (int Left, int Right) pair, int id)
    {
        var merged = new List<int>(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            bool both = i + 1 < word.Length && word[i] == pair.Left && word[i + 1] == pair.Right;
            merged.Add(both ? id : word[i]);
            if (both)
                i++;
        }
        return [.. merged];
    }

    /// <summary>Adds a word's pairs to the counts, or takes them off.</summary>
    private void Count(int word, int sign)
    {
        int[] ids = _words[word];
        for (int i = 0; i + 1 < ids.Length; i++)
        {
            var pair = (ids[i], ids[i + 1]);
            _pairs[pair] = _pairs.GetValueOrDefault(pair) + (sign * _counts[word]);
            if (sign < 0)
                continue;
            if (!_places.TryGetValue(pair, out var places))
                _places[pair] = places = [];
            places.Add(word);
        }
    }

    /// <summary>The order of pairs: frequent ones first, then small ids.</summary>
    private readonly record struct Rank(long Count, int Left, int Right) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            int order = other.Count.CompareTo(Count);
            order = order == 0 ? Left.CompareTo(other.Left) : order;
            return order == 0 ? Right.CompareTo(other.Right) : order;
        }
    }
}

/// <summary>A vocabulary that was trained.</summary>
/// <param name="Tokens">Each token in GPT-2's spelling; the 256 bytes come first.</param>
/// <param name="Merges">Two spellings with a space between, in order.</param>
public sealed record TrainedVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<string> Merges);
