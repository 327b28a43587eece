using System.Reflection;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Tokenizers.Special;

namespace Causerie.Text.Tokenizers;

/// <summary>Text to token ids and back, exactly as the model was trained on; safe to use from many threads.</summary>
public abstract class Tokenizer
{
    private readonly Lazy<TokenMasks> _masks;
    private readonly Lazy<FillMarks?> _fill;

    /// <summary>A tokenizer whose masks are worked out when a grammar first asks for them.</summary>
    protected Tokenizer()
    {
        _masks = new Lazy<TokenMasks>(
            () => new TokenMasks(TokenTrie.Of(Vocabulary!.Tokens.Length, id => ControlTokens.GrammarBytes(this, id))));
        _fill = new Lazy<FillMarks?>(() => FillMarks.Of(Vocabulary!));
    }

    /// <summary>Which tokens may come next in a grammar; kept for all answers of the vocabulary.</summary>
    public TokenMasks Masks => _masks.Value;

    /// <summary>What stands around the parts of a text with a hole; null where the vocabulary has nothing for that.</summary>
    public FillMarks? Fill => _fill.Value;

    /// <summary>The vocabulary that this tokenizer speaks.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>Builds the tokenizer that <paramref name="vocabulary"/> asks for.</summary>
    /// <exception cref="NotSupportedException">The kind or the pre-tokenizer is unknown; the message names it.</exception>
    /// <exception cref="FormatException">The vocabulary contradicts itself; the message names the field.</exception>
    public static Tokenizer Create(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var kinds = new SortedDictionary<string, Type>(StringComparer.Ordinal);
        foreach (var type in typeof(Tokenizer).Assembly.GetTypes())
            foreach (string name in type.GetCustomAttribute<TokenizerKindAttribute>()?.Names ?? [])
                kinds.Add(name, type);
        if (!kinds.TryGetValue(vocabulary.Model, out var kind))
            throw new NotSupportedException(
                $"tokenizer.ggml.model '{vocabulary.Model}' is not supported. Known: {string.Join(", ", kinds.Keys)}.");
        return (Tokenizer)Activator.CreateInstance(
            kind, BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null, [vocabulary],
            null)!;
    }

    /// <summary>Token ids of <paramref name="text"/>.</summary>
    /// <param name="text">Any text; unpaired surrogates become U+FFFD.</param>
    /// <param name="addSpecial">Whether to add BOS, EOS, SEP … as the vocabulary asks.</param>
    /// <param name="parseSpecial">Whether control tokens that are spelt out in the text count as themselves.</param>
    public abstract int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false);

    /// <summary>The UTF-8 bytes that a token adds to the text; possibly part of a character.</summary>
    /// <param name="id">Token id.</param>
    /// <param name="showSpecial">Whether control tokens give their spelling instead of nothing.</param>
    public abstract ReadOnlySpan<byte> Bytes(int id, bool showSpecial = false);

    /// <summary>The text of <paramref name="ids"/>, with the tokenizer's own clean-up of spaces.</summary>
    public abstract string Decode(ReadOnlySpan<int> ids, bool showSpecial = false);

    /// <summary>Whether the model ends its answer with this token.</summary>
    public abstract bool IsEndOfGeneration(int id);
}
