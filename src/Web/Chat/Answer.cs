using System.Collections.Immutable;
using Causerie.Web.State;

namespace Causerie.Web.Chat;

/// <summary>An answer as blocks of HTML: what a thinking model wrote first, then what it says.</summary>
internal static class Answer
{
    private const string Open = "<think>";
    private const string Close = "</think>";

    /// <summary>The blocks; each depends on the text before its end only, so that earlier ones seldom change.</summary>
    public static ImmutableArray<SafeHtml> Blocks(string text, bool writing, Words words)
    {
        var labels = new CodeLabels(words.Copy);
        string start = text.TrimStart();
        if (!start.StartsWith(Open, StringComparison.Ordinal))
            return writing && Open.StartsWith(start, StringComparison.Ordinal) ? [] : Markdown.Blocks(text, labels);

        int close = start.IndexOf(Close, StringComparison.Ordinal);
        string thought = start[Open.Length..(close < 0 ? start.Length : close)].Trim();
        string answer = close < 0 ? "" : start[(close + Close.Length)..];
        var blocks = Markdown.Blocks(answer, labels);
        if (thought.Length == 0)
            return blocks;
        string title = close < 0 && writing ? words.Thinking : words.Thoughts;
        return [Markdown.Thought(thought, title, close < 0, labels), .. blocks];
    }
}
