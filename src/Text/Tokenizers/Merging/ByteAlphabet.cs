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
    /// <param name="spelling">A token's text, UTF-8.</param>
    /// <param name="bytes">Room for as many bytes as the spelling has.</param>
    /// <returns>How many there are, or −1 where a character stands for no byte.</returns>
    public static int Read(ReadOnlySpan<byte> spelling, Span<byte> bytes)
    {
        int count = 0;
        for (int i = 0; i < spelling.Length; i++)
        {
            int letter = spelling[i];
            if (letter >= 0x80)
            {
                // No stand-in takes more than two bytes.
                if (letter is < 0xC2 or >= 0xE0 || i + 1 == spelling.Length)
                    return -1;
                letter = ((letter & 0x1F) << 6) | (spelling[++i] & 0x3F);
            }
            short value = letter < Letters ? Bytes[letter] : (short)-1;
            if (value < 0)
                return -1;
            bytes[count++] = (byte)value;
        }
        return count;
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
