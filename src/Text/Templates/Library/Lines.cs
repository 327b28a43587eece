using System.Buffers;
using Causerie.Text.Templates.Runtime;

namespace Causerie.Text.Templates.Library;

/// <summary>Cutting texts at line ends, white space and separators, as Python's str methods do.</summary>
internal static class Lines
{
    private static readonly SearchValues<char> Ends = SearchValues.Create("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");

    public static List<string> Split(string text, bool keepEnds)
    {
        var lines = new List<string>();
        for (int i = 0, begin = 0; i < text.Length; begin = i)
        {
            int end = text.AsSpan(i).IndexOfAny(Ends);
            if (end < 0)
            {
                lines.Add(text[begin..]);
                break;
            }

            end += i;
            i = end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            lines.Add(text[begin..(keepEnds ? i : end)]);
        }

        return lines;
    }

    public static List<string> SplitAtSpaces(string text, long most, bool fromRight)
    {
        var words = new List<string>();
        int left = 0, right = text.Length;
        while (true)
        {
            while (!fromRight && left < right && Letters.IsSpace(text[left]))
                left++;
            while (fromRight && right > left && Letters.IsSpace(text[right - 1]))
                right--;
            if (left == right)
                break;
            int begin = left, end = right;
            if (words.Count == most)
            {
                words.Add(text[begin..end]);
                break;
            }

            if (fromRight)
            {
                for (begin = right; begin > left && !Letters.IsSpace(text[begin - 1]); begin--)
                    continue;
                right = begin;
            }
            else
            {
                for (end = left; end < right && !Letters.IsSpace(text[end]); end++)
                    continue;
                left = end;
            }

            words.Add(text[begin..end]);
        }

        if (fromRight)
            words.Reverse();
        return words;
    }

    public static List<string> SplitAt(string text, string separator, long most, bool fromRight)
    {
        var parts = new List<string>();
        if (fromRight)
        {
            int end = text.Length;
            while (parts.Count != most && end >= separator.Length
                && text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal) is >= 0 and var at)
            {
                parts.Add(text[(at + separator.Length)..end]);
                end = at;
            }

            parts.Add(text[..end]);
            parts.Reverse();
            return parts;
        }

        int begin = 0;
        while (parts.Count != most && text.IndexOf(separator, begin, StringComparison.Ordinal) is >= 0 and var found)
        {
            parts.Add(text[begin..found]);
            begin = found + separator.Length;
        }

        parts.Add(text[begin..]);
        return parts;
    }
}
