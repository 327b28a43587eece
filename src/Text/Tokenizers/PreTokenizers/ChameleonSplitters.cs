namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>Chameleon's sentinels: <c>&lt;sentinel:[0-9]+></c>.</summary>
internal sealed class SentinelSplitter : MatchSplitter
{
    private const string Opening = "<sentinel:";

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var rest = text[at..];
        if (!rest.StartsWith(Opening, StringComparison.Ordinal))
            return -1;
        int digits = rest[Opening.Length..].IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && rest[Opening.Length + digits] == '>' ? Opening.Length + digits + 1 : -1;
    }
}

/// <summary>Chameleon's image tokens: <c>IMGIMG[A-I]{1,4}Z</c>.</summary>
internal sealed class ImageTokenSplitter : MatchSplitter
{
    private const string Opening = "IMGIMG";

    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var rest = text[at..];
        if (!rest.StartsWith(Opening, StringComparison.Ordinal))
            return -1;
        int letters = rest[Opening.Length..].IndexOfAnyExceptInRange('A', 'I');
        return letters is >= 1 and <= 4 && rest[Opening.Length + letters] == 'Z' ? Opening.Length + letters + 1 : -1;
    }
}

/// <summary>Chameleon's indentation: a tab, a newline, four spaces or two.</summary>
internal sealed class IndentationSplitter : MatchSplitter
{
    /// <inheritdoc/>
    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        if (text[at] is '\t' or '\n')
            return 1;
        var rest = text[at..];
        return rest.StartsWith("    ") ? 4 : rest.StartsWith("  ") ? 2 : -1;
    }
}
