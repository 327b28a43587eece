namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>White space at the end of a fragment is a piece of its own (<c>\s+$</c>).</summary>
internal sealed class TrailingWhiteSpace : Splitter
{
    /// <inheritdoc/>
    public override int Next(ReadOnlySpan<char> text, int start)
    {
        int end = text.TrimEnd().Length;
        return start < end ? end : text.Length;
    }
}
