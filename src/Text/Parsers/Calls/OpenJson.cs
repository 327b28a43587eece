namespace Causerie.Text.Parsers.Calls;

/// <summary>Finds the end of an object of JSON while it is written; what has no end of its own ends before the call's closer.</summary>
/// <param name="closer">What stands behind the call, or nothing.</param>
/// <param name="depth">Brackets that are open where it begins.</param>
internal sealed class OpenJson(string closer, int depth = 0)
{
    private int _depth = depth;
    private bool _inText;
    private bool _escaped;
    private bool _atLine;

    /// <summary>Whether the end was found.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads on.</summary>
    /// <returns>Characters that belong to the object; all of them where it goes on, less what may yet become the closer.</returns>
    public int Read(ReadOnlySpan<char> text, bool last)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            // JSON holds no closer outside of texts, and no line break within them.
            if (closer.Length > 0 && c == closer[0] && (!_inText || _atLine))
            {
                bool? there = JsonScan.GoesOn(text, i, closer);
                if (there is null && !last)
                    return i;
                if (there == true)
                {
                    HasEnded = true;
                    return i;
                }
            }
            _atLine = c == '\n';
            if (_escaped)
                _escaped = false;
            else if (_inText)
                (_inText, _escaped) = (c != '"', c == '\\');
            else if (c == '"')
                _inText = true;
            else if (c is '{' or '[')
                _depth++;
            else if (c is '}' or ']' && --_depth == 0)
            {
                HasEnded = true;
                return i + 1;
            }
        }
        return text.Length;
    }
}
