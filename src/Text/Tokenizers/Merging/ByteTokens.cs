using System.Globalization;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Tokens that stand for one byte, spelt <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</summary>
internal static class ByteTokens
{
    /// <summary>[256] token of each byte, −1 where there is none.</summary>
    public static int[] Find(string[] tokens)
    {
        int[] ids = new int[256];
        Array.Fill(ids, -1);
        for (int id = tokens.Length - 1; id >= 0; id--)
            if (TryRead(tokens[id], out byte value))
                ids[value] = id;
        return ids;
    }

    /// <summary>The byte that a token's text stands for.</summary>
    public static bool TryRead(string text, out byte value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' &&
            byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
