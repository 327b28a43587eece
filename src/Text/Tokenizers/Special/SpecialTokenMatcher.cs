using System.Buffers;

namespace Causerie.Text.Tokenizers.Special;

/// <summary>
/// Finds tokens spelt out in text before anything else is done with it: the longest spellings first over the whole
/// text, then shorter ones in what is left, and from left to right among spellings of one length.
/// </summary>
internal sealed class SpecialTokenMatcher
{
    private const string CWhiteSpace = " \t\n\v\f\r";
    private readonly Level[] _levels; // longest first
    private readonly SearchValues<string>? _any;
    private readonly TokenRoles _roles;

    /// <summary>A matcher of the given tokens.</summary>
    public SpecialTokenMatcher(Vocabulary vocabulary, TokenRoles roles, IEnumerable<int> ids)
    {
        _roles = roles;
        int[] named = [.. ids.Where(id => !vocabulary.Tokens.Utf8(id).IsEmpty)];
        _levels = [.. named
            .GroupBy(id => vocabulary.Tokens.Utf8(id).Length)
            .OrderByDescending(group => group.Key)
            .Select(group => new Level(vocabulary, [.. group]))];
        _any = named.Length == 0
            ? null
            : SearchValues.Create([.. named.Select(id => vocabulary.Tokens[id])], StringComparison.Ordinal);
    }

    /// <summary>Cuts the text up: tokens that are spelt out, and the text between them where there is any.</summary>
    /// <returns>False where no token is spelt out; then nothing is added.</returns>
    public bool TrySplit(ReadOnlySpan<char> text, List<Fragment> fragments)
    {
        if (_any is null || text.IndexOfAny(_any) < 0)
            return false;
        Split(text, 0, 0, fragments);
        return true;
    }

    private void Split(ReadOnlySpan<char> text, int offset, int level, List<Fragment> fragments)
    {
        if (text.IsEmpty)
            return;
        if (level == _levels.Length)
        {
            fragments.Add(new Fragment(offset, text.Length, null));
            return;
        }
        while (_levels[level].TryFind(text, out int at, out int length, out int id))
        {
            var left = text[..at];
            if ((_roles[id] & TokenTraits.TrimsLeft) != 0)
                left = left.TrimEnd(CWhiteSpace);
            Split(left, offset, level + 1, fragments);
            fragments.Add(new Fragment(offset + at, length, id));
            var right = text[(at + length)..];
            if ((_roles[id] & TokenTraits.TrimsRight) != 0)
                right = right.TrimStart(CWhiteSpace);
            offset += text.Length - right.Length;
            text = right;
        }
        Split(text, offset, level + 1, fragments);
    }

    /// <summary>A stretch of the text: a token that is spelt out there, or text (null).</summary>
    public readonly record struct Fragment(int Start, int Length, int? Token);

    private sealed class Level
    {
        private readonly SearchValues<string> _any;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
        private readonly int[] _lengths;

        public Level(Vocabulary vocabulary, int[] ids)
        {
            var byText = new Dictionary<string, int>(ids.Length, StringComparer.Ordinal);
            foreach (int id in ids)
                byText.TryAdd(vocabulary.Tokens[id], id);
            _ids = byText.GetAlternateLookup<ReadOnlySpan<char>>();
            _any = SearchValues.Create([.. byText.Keys], StringComparison.Ordinal);
            _lengths = [.. byText.Keys.Select(text => text.Length).Distinct().OrderDescending()];
        }

        public bool TryFind(ReadOnlySpan<char> text, out int at, out int length, out int id)
        {
            (length, id) = (0, 0);
            at = text.IndexOfAny(_any);
            if (at < 0)
                return false;
            foreach (int candidate in _lengths)
                if (at + candidate <= text.Length && _ids.TryGetValue(text.Slice(at, candidate), out id))
                {
                    length = candidate;
                    return true;
                }
            throw new InvalidOperationException("A spelling was found that no token has.");
        }
    }
}
