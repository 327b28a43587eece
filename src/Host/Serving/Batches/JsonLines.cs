using System.Runtime.CompilerServices;

namespace Causerie.Host.Serving.Batches;

/// <summary>Reads files of lines, one by one, without having more than one in memory.</summary>
internal static class JsonLines
{
    private const int First = 1 << 16;

    /// <summary>The lines; what a line holds is valid until the next one is asked for.</summary>
    /// <param name="file">The file, from where it stands.</param>
    /// <param name="longest">The longest line that is given; of longer ones only their place.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<JsonLine> ReadAsync(
        Stream file, long longest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[First];
        int begin = 0, end = 0, number = 1;
        long place = 0;
        bool tooLong = false;
        while (true)
        {
            int at = Array.IndexOf(buffer, (byte)'\n', begin, end - begin);
            if (at >= 0)
            {
                tooLong |= at - begin > longest;
                place += at + 1 - begin;
                yield return new JsonLine(number++, tooLong ? default : buffer.AsMemory(begin, at - begin), tooLong, true, place);
                begin = at + 1;
                tooLong = false;
                continue;
            }

            if (end - begin > longest)
            {
                tooLong = true;
                place += end - begin;
                begin = end;
            }

            buffer.AsSpan(begin, end - begin).CopyTo(buffer);
            (begin, end) = (0, end - begin);
            if (end == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            int read = await file.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
            {
                place += end;
                if (end > 0 || tooLong)
                    yield return new JsonLine(number, tooLong ? default : buffer.AsMemory(0, end), tooLong, false, place);
                yield break;
            }

            end += read;
        }
    }
}

/// <summary>A line of a file.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Bytes">What it holds, without its end.</param>
/// <param name="TooLong">Whether it is longer than was asked for; then it holds nothing here.</param>
/// <param name="Whole">Whether it has an end: the last line of a file that was torn has none.</param>
/// <param name="Next">Where the next line begins, in bytes from the first.</param>
internal readonly record struct JsonLine(int Number, ReadOnlyMemory<byte> Bytes, bool TooLong, bool Whole, long Next);
