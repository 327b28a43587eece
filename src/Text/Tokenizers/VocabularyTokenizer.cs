using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Text.Tokenizers.Merging;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>What all vocabularies share: tokens spelt out in text, tokens round it, and the way back.</summary>
public abstract class VocabularyTokenizer : Tokenizer
{
    private readonly TokenRoles _roles;
    private readonly ByteStrings _shown; // [tokens] what each adds to the text
    private readonly SpecialTokenMatcher _always; // tokens that count as themselves whenever they are typed
    private readonly SpecialTokenMatcher _onRequest; // those and the control tokens

    [SetsRequiredMembers]
    private protected VocabularyTokenizer(Vocabulary vocabulary, VocabularyRules rules)
    {
        Vocabulary = vocabulary;
        Rules = rules;
        rules.Check(vocabulary);
        _roles = new TokenRoles(vocabulary, rules.Eos);
        _shown = new ByteStrings(vocabulary.Tokens.Length, vocabulary.Tokens.TotalBytes);
        var special = new List<int>();
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
            if ((_roles[id] & (TokenTraits.Special | TokenTraits.UserDefined)) != 0)
                special.Add(id);
        _always = new(vocabulary, _roles, special.Where(id => (_roles[id] & TokenTraits.Special) == 0));
        _onRequest = new(vocabulary, _roles, special);
    }

    private protected VocabularyRules Rules { get; }

    /// <inheritdoc/>
    public sealed override int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new TokenList(text.Length / 3);
        try
        {
            if (addSpecial && Rules.AddBos)
                ids.Add(Rules.Bos!.Value);
            EncodeFragments(text, parseSpecial ? _onRequest : _always, ref ids);
            if (addSpecial && Rules.AddEos)
                ids.Add(Rules.Eos!.Value);
            if (addSpecial && Rules.AddSeparator)
                ids.Add(Rules.Separator!.Value);
            return ids.Ids.ToArray();
        }
        finally
        {
            ids.Dispose();
        }
    }

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<byte> Bytes(int id, bool showSpecial = false)
    {
        if ((uint)id >= (uint)Vocabulary.Tokens.Length)
            throw new ArgumentOutOfRangeException(
                nameof(id), id, $"The vocabulary has {Vocabulary.Tokens.Length} tokens.");
        return !showSpecial && (_roles[id] & TokenTraits.Special) != 0 ? [] : _shown[id];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One space in front is dropped where the vocabulary puts one there; some vocabularies' spaces before
    /// punctuation and contractions are dropped too.
    /// </remarks>
    public sealed override string Decode(ReadOnlySpan<int> ids, bool showSpecial = false)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 5));
        bool trim = Rules.SpacePrefix;
        foreach (int id in ids)
        {
            var piece = Bytes(id, showSpecial);
            if (piece.IsEmpty)
                continue;
            if (trim && piece[0] == (byte)' ')
                piece = piece[1..];
            trim = false;
            bytes.Write(piece);
        }
        return Encoding.UTF8.GetString(Rules.CleanSpaces ? SpaceCleaner.Clean(bytes.WrittenSpan) : bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public sealed override bool IsEndOfGeneration(int id) => _roles.Ends(id);

    /// <summary>Traits of a token.</summary>
    private protected TokenTraits TraitsOf(int id) => _roles[id];

    /// <summary>Ids of text in which no token is spelt out.</summary>
    /// <param name="text">The text; never empty.</param>
    /// <param name="first">Whether nothing or a token stands in front of it.</param>
    /// <param name="ids">Where the ids go.</param>
    private protected abstract void EncodeText(ReadOnlySpan<char> text, bool first, ref TokenList ids);

    /// <summary>Fills in what each token shows; call once at the end of the constructor.</summary>
    /// <param name="spell">Writes a normal token's text to a span of as many bytes.</param>
    private protected void Show(Speller spell)
    {
        byte[] buffer = new byte[64];
        for (int id = 0; id < Vocabulary.Tokens.Length; id++)
        {
            var text = Vocabulary.Tokens.Utf8(id);
            var traits = _roles[id];
            if (buffer.Length < text.Length)
                buffer = new byte[text.Length];
            int length = 0;
            if ((traits & (TokenTraits.Special | TokenTraits.UserDefined)) != 0)
                length = SpellAsIs(text, buffer);
            else if ((traits & TokenTraits.Normal) != 0)
                length = spell(text, buffer);
            else if ((traits & TokenTraits.Byte) != 0)
                buffer[length++] = ByteOf(text, id);
            _shown.Add(buffer.AsSpan(0, length), findable: false);
        }
    }

    /// <summary>Turns a normal token's text, which is UTF-8, into what it shows, and returns how many bytes.</summary>
    private protected delegate int Speller(ReadOnlySpan<byte> text, Span<byte> bytes);

    /// <summary>A speller for vocabularies that write text as it is.</summary>
    private protected static int SpellAsIs(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        text.CopyTo(bytes);
        return text.Length;
    }

    /// <summary>A speller for vocabularies that write a space as U+2581.</summary>
    private protected static int SpellWithSpaces(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int written = 0;
        while (text.IndexOf("\u2581"u8) is var space and >= 0)
        {
            text[..space].CopyTo(bytes[written..]);
            bytes[written + space] = (byte)' ';
            written += space + 1;
            text = text[(space + 3)..];
        }
        text.CopyTo(bytes[written..]);
        return written + text.Length;
    }

    private static byte ByteOf(ReadOnlySpan<byte> text, int id) => ByteTokens.TryRead(text, out byte value)
        ? value
        : throw new FormatException(
            $"tokenizer.ggml.tokens[{id}] '{Encoding.UTF8.GetString(text)}' is a byte by its kind, yet not <0x00> to <0xFF>.");

    private void EncodeFragments(string text, SpecialTokenMatcher matcher, ref TokenList ids)
    {
        if (text.Length == 0)
            return;
        var fragments = new List<SpecialTokenMatcher.Fragment>(0);
        if (!matcher.TrySplit(text, fragments))
        {
            EncodeText(text, first: true, ref ids);
            return;
        }
        bool first = true;
        foreach (var fragment in fragments)
        {
            if (fragment.Token is { } token)
                ids.Add(token);
            else
                EncodeText(text.AsSpan(fragment.Start, fragment.Length), first, ref ids);
            first = fragment.Token is not null;
        }
    }
}
