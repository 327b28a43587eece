using System.Text;
using System.Text.Unicode;

namespace Causerie.Text.Tokenizers;

/// <summary>Turns a stream of token ids into text as it comes, never giving out part of a character.</summary>
/// <remarks>
/// Gives each token's own text: the clean-up of spaces that <see cref="Tokenizer.Decode"/> does for some vocabularies
/// needs what comes later, so it is left out here.
/// </remarks>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="showSpecial">Whether control tokens give their spelling instead of nothing.</param>
/// <param name="trimLeadingSpace">Whether one space in front of all text is the vocabulary's, and dropped.</param>
/// <param name="shown">Control tokens that give their spelling all the same.</param>
public sealed class Detokenizer(
    Tokenizer tokenizer, bool showSpecial = false, bool trimLeadingSpace = false, IReadOnlySet<int>? shown = null)
{
    private readonly byte[] _held = new byte[4]; // the beginning of a character
    private int _heldCount;
    private bool _trim = trimLeadingSpace;

    /// <summary>The characters that this token completes; empty while one is still unfinished.</summary>
    public string Add(int id)
    {
        var bytes = tokenizer.Bytes(id, showSpecial || shown?.Contains(id) == true);
        if (_trim && bytes.Length > 0)
        {
            _trim = false;
            if (bytes[0] == (byte)' ')
                bytes = bytes[1..];
        }
        if (bytes.IsEmpty)
            return "";
        Span<byte> joined = bytes.Length <= 256 ? stackalloc byte[bytes.Length + 4] : new byte[bytes.Length + 4];
        _held.AsSpan(0, _heldCount).CopyTo(joined);
        bytes.CopyTo(joined[_heldCount..]);
        joined = joined[..(_heldCount + bytes.Length)];
        // One more character than bytes is never needed: a malformed byte gives one U+FFFD.
        Span<char> text = joined.Length <= 512 ? stackalloc char[joined.Length] : new char[joined.Length];
        Utf8.ToUtf16(joined, text, out int read, out int written, replaceInvalidSequences: true, isFinalBlock: false);
        _heldCount = joined.Length - read;
        joined[read..].CopyTo(_held);
        return new string(text[..written]);
    }

    /// <summary>What is left when no more tokens come: U+FFFD for a character that was never finished.</summary>
    public string Flush()
    {
        string rest = Encoding.UTF8.GetString(_held, 0, _heldCount);
        _heldCount = 0;
        return rest;
    }
}
