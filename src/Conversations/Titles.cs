using System.Globalization;

namespace Causerie.Conversations;

/// <summary>Names a conversation after the first thing that was said in it.</summary>
public static class Titles
{
    private const int Longest = 60;

    /// <summary>The first line that says something, cut between words at 60 characters with an ellipsis.</summary>
    public static string From(string text)
    {
        string line = text.Split('\n').Select(Tidy).FirstOrDefault(l => l.Length > 0) ?? "";
        var letters = new StringInfo(line);
        if (letters.LengthInTextElements <= Longest)
            return line;
        string cut = letters.SubstringByTextElements(0, Longest - 1);
        int space = cut.LastIndexOf(' ');
        return (space > Longest / 2 ? cut[..space] : cut).TrimEnd() + "…";
    }

    private static string Tidy(string line)
    {
        string words = string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        // Marks of Markdown are no words, unless there is nothing else.
        return words.TrimStart('#', '>', '`', ' ') is { Length: > 0 } bare ? bare : words;
    }
}
