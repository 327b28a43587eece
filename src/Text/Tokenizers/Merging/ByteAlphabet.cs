namespace Causerie.Text.Tokenizers.Merging;

/// <summary>
/// GPT-2's stand-in characters: printable Latin-1 spells its own byte, and the other 68 bytes are U+0100 onwards, so
/// that any byte string is text without spaces or control characters.
/// </summary>
internal static class ByteAlphabet
{
    /// <summary>Most UTF-8 bytes of a stand-in character.</summary>
    public const int LongestLetter = 2;

    private const int Letters = 256 + 68;

    // [324] byte of a stand-in character, or −1.
    private static readonly short[] Bytes = Build();

    // [256] stand-in character of a byte.
    private static readonly char[] Spellings = Invert();

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

    /// <summary>Writes the stand-in characters of <paramref name="bytes"/> as UTF-8.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="spelling">Room for <see cref="LongestLetter"/> times as many.</param>
    /// <returns>How many bytes the spelling takes.</returns>
    public static int Write(ReadOnlySpan<byte> bytes, Span<byte> spelling)
    {
        int count = 0;
        foreach (byte value in bytes)
        {
            char letter = Spellings[value];
            if (letter < 0x80)
            {
                spelling[count++] = (byte)letter;
                continue;
            }
            spelling[count++] = (byte)(0xC0 | (letter >> 6));
            spelling[count++] = (byte)(0x80 | (letter & 0x3F));
        }
        return count;
    }

    private static char[] Invert()
    {
        char[] spellings = new char[256];
        for (int letter = 0; letter < Letters; letter++)
            if (Bytes[letter] >= 0)
                spellings[Bytes[letter]] = (char)letter;
        return spellings;
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
