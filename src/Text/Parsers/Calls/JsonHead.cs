namespace Causerie.Text.Parsers.Calls;

/// <summary>Reads the beginning of a call that is a JSON object, in the plain order: the name, then the arguments.</summary>
internal static class JsonHead
{
    private const int Longest = 512;

    /// <summary>The keys of names.</summary>
    public static readonly string[] NameKeys = ["name", "tool_name", "function"];

    /// <summary>The keys of arguments.</summary>
    public static readonly string[] ArgumentKeys = ["arguments", "parameters"];

    /// <summary>The keys of ids.</summary>
    public static readonly string[] IdKeys = ["id", "tool_call_id"];

    /// <summary>Reads a call up to its arguments.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="from">Where the object begins.</param>
    /// <param name="keyed">Whether the name is the key of the arguments.</param>
    /// <param name="tools">The tools that there are.</param>
    /// <param name="call">The call, without arguments.</param>
    /// <returns>Where the arguments begin, which are an object; 0 where more must come first; −1 where it is written otherwise.</returns>
    public static int Read(string text, int from, bool keyed, ToolTypes tools, out AnswerPiece.Call? call)
    {
        int at = Scan(text, from, keyed, tools, out call);
        if ((at > 0 ? at : text.Length) - from <= Longest)
            return at;
        call = null;
        return -1;
    }

    private static int Scan(string text, int from, bool keyed, ToolTypes tools, out AnswerPiece.Call? call)
    {
        call = null;
        string? name = null, id = null;
        if (from >= text.Length)
            return 0;
        if (text[from] != '{')
            return -1;
        int at = from; // of the bracket or comma before a member
        while (true)
        {
            int end = Word(text, JsonScan.SkipSpace(text, at + 1), out string key);
            if (end <= 0)
                return end;
            int colon = JsonScan.SkipSpace(text, end);
            if (colon >= text.Length)
                return 0;
            int value = JsonScan.SkipSpace(text, colon + 1);
            if (text[colon] != ':')
                return -1;
            if (value >= text.Length)
                return 0;
            if (text[value] == '{')
            {
                name = keyed ? key : ArgumentKeys.Contains(key) ? name : null;
                if (name is null || !tools.Has(name))
                    return -1;
                call = new AnswerPiece.Call(name, "") { Id = id, IsWhole = false };
                return value;
            }
            if (keyed)
                return -1;
            end = Word(text, value, out string said);
            if (end <= 0)
                return end;
            if (name is null && NameKeys.Contains(key))
                name = said;
            else if (id is null && IdKeys.Contains(key))
                id = said;
            else if (key != "type")
                return -1;
            at = JsonScan.SkipSpace(text, end);
            if (at >= text.Length)
                return 0;
            if (text[at] != ',')
                return -1;
        }
    }

    /// <summary>Reads a text without escapes.</summary>
    /// <returns>The place behind it; 0 where more must come; −1 where it is none.</returns>
    private static int Word(string text, int at, out string word)
    {
        word = "";
        if (at >= text.Length)
            return 0;
        if (text[at] != '"')
            return -1;
        int length = text.AsSpan(at + 1).IndexOfAny('"', '\\', '\n');
        if (length < 0)
            return 0;
        if (text[at + 1 + length] != '"')
            return -1;
        word = text.Substring(at + 1, length);
        return at + length + 2;
    }
}
