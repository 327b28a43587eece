using System.Text;
using Causerie.Text.Tokenizers;

namespace Causerie.Text.Grammars;

/// <summary>How control tokens stand in grammars: their spelling between two bytes that no text has.</summary>
/// <remarks>So a grammar of texts never lets a control token in, and one that names it takes no other spelling of it.</remarks>
public static class ControlTokens
{
    private const byte Frame = 0xFF;

    /// <summary>The bytes that a grammar sees of a token; none for those that are in no text and end answers.</summary>
    public static byte[] GrammarBytes(Tokenizer tokenizer, int id)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var bytes = tokenizer.Bytes(id);
        if (!bytes.IsEmpty || tokenizer.IsEndOfGeneration(id))
            return [.. bytes];
        var spelling = tokenizer.Bytes(id, showSpecial: true);
        return spelling.IsEmpty ? [] : [Frame, .. spelling, Frame];
    }

    /// <summary>A text as a grammar sees it that a model writes: control tokens of the vocabulary that it spells are framed.</summary>
    public static byte[] Spell(Tokenizer tokenizer, string text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        var spelt = new List<byte>();
        foreach (int id in tokenizer.Encode(text, parseSpecial: true))
            spelt.AddRange(GrammarBytes(tokenizer, id));
        byte[] plain = Encoding.UTF8.GetBytes(text);
        // Some vocabularies put a space in front of a text.
        return spelt.Count == plain.Length + 1 && spelt[0] == ' ' && plain is not [(byte)' ', ..] ? [.. spelt.Skip(1)] : [.. spelt];
    }
}
