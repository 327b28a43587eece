using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.PreTokenizers;

namespace Causerie.Text.Tokenizers;

/// <summary>What training a byte-level vocabulary shares with using it: the words that merges stay within, and spellings.</summary>
/// <param name="preTokenizer">A pre-tokenizer's name, as <c>tokenizer.ggml.pre</c> has it.</param>
/// <exception cref="NotSupportedException">The name is unknown.</exception>
public sealed class ByteLevelWords(string preTokenizer)
{
    private readonly Splitter[] _splitters = PreTokenizerNames.Find(preTokenizer).Splitters;

    /// <summary>Cuts a text into words, which together are the text.</summary>
    public IReadOnlyList<string> Cut(string text)
    {
        var words = new List<string>();
        Cut(text, 0, words);
        return words;
    }

    /// <summary>How a token of these bytes is spelt in a vocabulary.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        Span<byte> spelling = new byte[bytes.Length * ByteAlphabet.LongestLetter];
        return Encoding.UTF8.GetString(spelling[..ByteAlphabet.Write(bytes, spelling)]);
    }

    private void Cut(ReadOnlySpan<char> text, int pass, List<string> words)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = _splitters[pass].Next(text, start);
            if (pass + 1 < _splitters.Length)
                Cut(text[start..end], pass + 1, words);
            else
                words.Add(text[start..end].ToString());
            start = end;
        }
    }
}
