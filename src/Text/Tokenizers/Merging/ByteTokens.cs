using System.Globalization;

namespace Causerie.Text.Tokenizers.Merging;

/// <summary>Tokens that stand for one byte, spelt <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</summary>
internal static class ByteTokens
{
    /// <summary>[256] token of each byte, −1 where there is none.</summary>
    public static int[] Find(TextList tokens)
    {
        int[] ids = new int[256];
        Array.Fill(ids, -1);
        for (int id = tokens.Length - 1; id >= 0; id--)
            if (TryRead(tokens.Utf8(id), out byte value))
                ids[value] = id;
        return ids;
    }

    /// <summary>The byte that a token's text stands for.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x"u8) && text[5] == '>' &&
            byte.TryParse(text.Slice(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
