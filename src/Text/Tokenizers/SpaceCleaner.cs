namespace Causerie.Text.Tokenizers;

/// <summary>
/// The clean-up of decoded text that some tokenizers ask for (<c>clean_up_tokenization_spaces</c>): spaces before
/// punctuation and contractions that word-by-word tokenization left there.
/// </summary>
internal static class SpaceCleaner
{
    /// <summary>The text without those spaces.</summary>
    public static ReadOnlySpan<byte> Clean(ReadOnlySpan<byte> text)
    {
        byte[] buffer = text.ToArray();
        var cleaned = buffer.AsSpan();
        cleaned = cleaned[..BeforePunctuation(cleaned)];
        cleaned = cleaned[..RoundApostrophes(cleaned)];
        return cleaned[..BeforeContractions(cleaned)];
    }

    private static int BeforePunctuation(Span<byte> text)
    {
        int kept = 0;
        byte before = 0;
        foreach (byte next in text)
        {
            if (before == ' ' && next is (byte)'?' or (byte)'!' or (byte)'.' or (byte)',')
                kept--;
            text[kept++] = before = next;
        }
        return kept;
    }

    private static int RoundApostrophes(Span<byte> text)
    {
        int kept = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool lone = text[i] == '\'' && i > 0 && text[i - 1] == ' ' && i + 1 < text.Length && text[i + 1] == ' ';
            if (!lone)
            {
                text[kept++] = text[i];
                continue;
            }
            text[kept - 1] = (byte)'\'';
            text[++i] = 0; // the space behind is gone too, so it is none for what follows
        }
        return kept;
    }

    private static int BeforeContractions(Span<byte> text)
    {
        int kept = 0;
        byte before = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (before == ' ' && IsContraction(text[i..]))
                kept--;
            text[kept++] = before = text[i];
        }
        return kept;
    }

    // Only these: 't, 'd and 'll keep their space.
    private static bool IsContraction(ReadOnlySpan<byte> text) =>
        text.StartsWith("'s"u8) || text.StartsWith("'m"u8) || text.StartsWith("'re"u8) || text.StartsWith("'ve"u8);
}
