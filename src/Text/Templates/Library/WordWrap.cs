using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>The filter wordwrap: lines no longer than a width, broken at spaces and hyphens.</summary>
internal static class WordWrap
{
    public static Value Filter(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"]);
        long width = 79;
        if (bound[0] is { } given && !Numbers.TryInt(given, out width))
            throw new TemplateException($"wordwrap: width cannot be {given.TypeName}");
        if (width <= 0)
            throw new TemplateException($"invalid width {width} (must be > 0)");
        var text = value as StringValue
            ?? throw new TemplateException($"'{value.TypeName}' object has no attribute 'splitlines'");
        string separator = bound[2] is null or NoneValue ? "\n" : Printer.Str(render, bound[2]!);
        bool breakWords = bound[1]?.IsTrue != false, breakHyphens = bound[3]?.IsTrue != false;
        var wrapped = new StringBuilder();
        bool first = true;
        foreach (string paragraph in Lines.Split(text.Text, keepEnds: false))
        {
            var chunks = Chunks(paragraph, breakHyphens);
            render.CheckItems(chunks.Count);
            string lines = string.Join(separator, Wrap(chunks, (int)Math.Min(width, int.MaxValue), breakWords));
            render.Append(wrapped, first ? lines : separator + lines);
            first = false;
        }

        return new StringValue(wrapped.ToString());
    }

    private static List<string> Wrap(List<string> chunks, int width, bool breakWords)
    {
        var lines = new List<string>();
        int at = 0, taken = 0;
        while (at < chunks.Count)
        {
            if (lines.Count > 0 && IsBlank(chunks[at][0]) && ++at == chunks.Count)
                break;
            var line = new List<string>();
            int length = 0;
            while (at < chunks.Count && length + chunks[at].Length - taken <= width)
            {
                length += chunks[at].Length - taken;
                line.Add(chunks[at++][taken..]);
                taken = 0;
            }

            if (at < chunks.Count && chunks[at].Length - taken > width)
            {
                int room = Math.Max(width - length, 1);
                if (breakWords)
                {
                    line.Add(chunks[at].Substring(taken, room));
                    taken += room;
                }
                else if (line.Count == 0)
                {
                    line.Add(chunks[at++]);
                }
            }

            if (line.Count > 0 && line[^1].Trim().Length == 0)
                line.RemoveAt(line.Count - 1);
            if (line.Count > 0)
                lines.Add(string.Concat(line));
        }

        return lines;
    }

    // Words and the spaces between them; a word breaks behind a hyphen that joins two letters.
    private static List<string> Chunks(string text, bool breakHyphens)
    {
        var chunks = new List<string>();
        for (int i = 0; i < text.Length;)
        {
            int end = i + 1;
            bool space = IsBlank(text[i]);
            while (end < text.Length && IsBlank(text[end]) == space
                && !(breakHyphens && !space && BreaksBefore(text, i, end)))
                end++;
            chunks.Add(text[i..end]);
            i = end;
        }

        return chunks;
    }

    private static bool BreaksBefore(string text, int begin, int at) =>
        at - begin >= 3 && text[at - 1] == '-' && IsLetter(text[at - 2]) && IsLetter(text[at - 3])
        && at + 1 < text.Length && IsLetter(text[at]) && (IsLetter(text[at + 1]) || text[at + 1] == '-');

    private static bool IsLetter(char c) => Letters.IsWord(c) && !char.IsAsciiDigit(c);

    private static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');
}
