namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>
/// Cuts before each run of U+2581, which such vocabularies write for spaces: where no token reaches across such a
/// border, the words between can be merged one by one and remembered.
/// </summary>
internal sealed class SpaceSplitter : Splitter
{
    private const char Space = '\u2581';

    /// <summary>Whether a spelling has a space behind something else, so that cutting would change ids.</summary>
    /// <param name="spelling">UTF-8.</param>
    public static bool Crosses(ReadOnlySpan<byte> spelling)
    {
        while (spelling.StartsWith("\u2581"u8))
            spelling = spelling[3..];
        return spelling.IndexOf("\u2581"u8) >= 0;
    }

    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int word = text[start..].IndexOfAnyExcept(Space);
        if (word < 0)
            return text.Length;
        int space = text[(start + word)..].IndexOf(Space);
        return space < 0 ? text.Length : start + word + space;
    }
}
