using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace Causerie.Text.Tokenizers;

/// <summary>A vocabulary's texts as UTF-8 in one block: a string is made only of the one that is asked for.</summary>
[CollectionBuilder(typeof(TextList), nameof(Create))]
public sealed class TextList : IReadOnlyList<string>
{
    private readonly byte[] _utf8;
    private readonly int[] _ends; // [texts] exclusive

    /// <summary>Takes a block over, uncopied.</summary>
    /// <param name="utf8">The texts one behind the other, each valid UTF-8.</param>
    /// <param name="ends">[texts] where each ends, ascending.</param>
    public TextList(byte[] utf8, int[] ends) => (_utf8, _ends) = (utf8, ends);

    /// <summary>How many there are.</summary>
    public int Length => _ends.Length;

    /// <summary>Bytes of all texts together.</summary>
    public int TotalBytes => _ends.Length == 0 ? 0 : _ends[^1];

    /// <inheritdoc/>
    int IReadOnlyCollection<string>.Count => _ends.Length;

    /// <inheritdoc/>
    public string this[int index] => Encoding.UTF8.GetString(Utf8(index));

    /// <summary>The texts of an array.</summary>
    public static implicit operator TextList(string[] texts) => Create(texts);

    /// <summary>The texts given; an unpaired surrogate becomes U+FFFD.</summary>
    public static TextList Create(ReadOnlySpan<string> texts)
    {
        int[] ends = new int[texts.Length];
        int length = 0;
        for (int i = 0; i < texts.Length; i++)
            ends[i] = length = checked(length + Encoding.UTF8.GetByteCount(texts[i]));
        byte[] utf8 = new byte[length];
        for (int i = 0; i < texts.Length; i++)
            Encoding.UTF8.GetBytes(texts[i], utf8.AsSpan(i == 0 ? 0 : ends[i - 1]));
        return new TextList(utf8, ends);
    }

    /// <summary>The bytes of a text.</summary>
    public ReadOnlySpan<byte> Utf8(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _utf8.AsSpan(start, _ends[index] - start);
    }

    /// <summary>The first place of a text, or −1.</summary>
    public int IndexOf(string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < _ends.Length; i++)
            if (Utf8(i).SequenceEqual(wanted))
                return i;
        return -1;
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < _ends.Length; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
