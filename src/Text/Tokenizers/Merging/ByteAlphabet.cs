namespace Causerie.Text.Tokenizers.Merging;

/// <summary>
/// GPT-2's stand-in characters: printable Latin-1 spells its own byte, and the other 68 bytes are U+0100 onwards, so
/// that any byte string is text without spaces or control characters.
/// </summary>
internal static class ByteAlphabet
{
    private const int Letters = 256 + 68;

    // [324] byte of a stand-in character, or −1.
    private static readonly short[] Bytes = Build();

    /// <summary>Writes the bytes that <paramref name="spelling"/> stands for.</summary>
    /// <param name="spelling">A token's text.</param>
    /// <param name="bytes">Room for as many bytes as the spelling has characters.</param>
    /// <returns>False where a character stands for no byte.</returns>
    public static bool TryRead(ReadOnlySpan<char> spelling, Span<byte> bytes)
    {
        for (int i = 0; i < spelling.Length; i++)
        {
            short value = spelling[i] < Letters ? Bytes[spelling[i]] : (short)-1;
            if (value < 0)
                return false;
            bytes[i] = (byte)value;
        }
        return true;
    }

    private static short[] Build()
    {
        var bytes = new short[Letters];
        Array.Fill(bytes, (short)-1);
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (> 0x20 and < 0x7F) or (> 0xA0 and not 0xAD);
            bytes[printable ? value : next++] = (short)value;
        }
        return bytes;
    }
}
