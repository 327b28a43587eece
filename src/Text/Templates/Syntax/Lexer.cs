using Causerie.Text.Templates.Runtime;

namespace Causerie.Text.Templates.Syntax;

/// <summary>Source to tokens: cuts out tags and comments and settles which white space around them stays.</summary>
internal sealed class Lexer(string source, TemplateOptions options)
{
    private static readonly string[] Symbols =
    [
        "**", "//", "==", "!=", ">=", "<=",
        "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly List<Token> _tokens = [];
    private int _at;

    /// <summary>Where the lexer stands: the place of an error that it throws.</summary>
    public int Position => _at;

    /// <summary>One kind of line end, and no newline at the very end unless it is to stay.</summary>
    public static string Normalize(string source, TemplateOptions options)
    {
        if (source.Contains('\r'))
            source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return !options.KeepTrailingNewline && source.EndsWith('\n') ? source[..^1] : source;
    }

    public List<Token> Read()
    {
        bool lineStarts = true;
        while (_at < source.Length)
        {
            int tag = NextTag(_at);
            if (tag < 0)
            {
                Add(TokenKind.Data, source[_at..], _at);
                break;
            }

            int begin = _at;
            char kind = source[tag + 1];
            char sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            string text = source[begin..tag];
            _at = tag + (sign == ' ' ? 2 : 3);
            text = Trim(text, sign, kind, lineStarts);
            if (text.Length > 0)
                Add(TokenKind.Data, text, begin);
            if (kind == '#')
                SkipComment(tag);
            else if (kind == '%' && TryRawBegin(out int raw))
                ReadRaw(tag, raw);
            else
                ReadTag(kind, tag);
            lineStarts = source[_at - 1] == '\n';
        }

        _at = source.Length;
        Add(TokenKind.End, "", _at);
        return _tokens;
    }

    private int NextTag(int from)
    {
        for (int i = from; (i = source.IndexOf('{', i)) >= 0; i++)
            if (i + 1 < source.Length && source[i + 1] is '{' or '%' or '#')
                return i;
        return -1;
    }

    private string Trim(string text, char sign, char kind, bool lineStarts)
    {
        if (sign == '-')
            return Letters.Strip(text, null, left: false, right: true);
        if (sign == '+' || !options.LstripBlocks || kind == '{')
            return text;
        int line = text.LastIndexOf('\n') + 1;
        return (line > 0 || lineStarts) && IsBlank(text.AsSpan(line)) ? text[..line] : text;
    }

    private static bool IsBlank(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (!Letters.IsSpace(c))
                return false;
        return true;
    }

    private int SkipSpace(int at)
    {
        while (at < source.Length && Letters.IsSpace(source[at]))
            at++;
        return at;
    }

    private bool StartsWith(int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    /// <summary>Offset behind <paramref name="close"/> with its sign and what it swallows, or -1.</summary>
    private int Close(int at, string close, bool newline)
    {
        if (StartsWith(at, "-" + close))
            return SkipSpace(at + 3);
        if (newline && StartsWith(at, "+" + close))
            return at + 3;
        if (!StartsWith(at, close))
            return -1;
        return newline && options.TrimBlocks && at + 2 < source.Length && source[at + 2] == '\n' ? at + 3 : at + 2;
    }

    private void SkipComment(int tag)
    {
        int end = source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0 && _at == source.Length)
            return;
        if (end < 0)
        {
            _at = tag;
            throw new TemplateException("Missing end of comment tag");
        }

        if (end > _at && source[end - 1] is '-' or '+')
            end--;
        _at = Close(end, "#}", newline: true);
    }

    private bool TryRawBegin(out int end)
    {
        end = SkipSpace(_at);
        if (!StartsWith(end, "raw"))
            return false;
        end = SkipSpace(end + 3);
        if (StartsWith(end, "-%}"))
            end = SkipSpace(end + 3);
        else if (StartsWith(end, "%}"))
            end += 2;
        else
            return false;
        return true;
    }

    private void ReadRaw(int tag, int begin)
    {
        for (int i = begin; (i = source.IndexOf("{%", i, StringComparison.Ordinal)) >= 0; i++)
        {
            char sign = i + 2 < source.Length && source[i + 2] is '-' or '+' ? source[i + 2] : ' ';
            int at = SkipSpace(i + (sign == ' ' ? 2 : 3));
            if (!StartsWith(at, "endraw"))
                continue;
            int end = Close(SkipSpace(at + 6), "%}", newline: true);
            if (end < 0)
                continue;
            string text = Trim(source[begin..i], sign, '%', source[begin - 1] == '\n');
            if (text.Length > 0)
                Add(TokenKind.Data, text, begin);
            _at = end;
            return;
        }

        _at = begin == source.Length ? begin : tag;
        if (_at == tag)
            throw new TemplateException("Missing end of raw directive");
    }

    private void ReadTag(char kind, int tag)
    {
        bool block = kind == '%';
        Add(block ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", tag);
        var brackets = new Stack<char>();
        while (_at < source.Length)
        {
            int end = brackets.Count == 0 ? Close(_at, block ? "%}" : "}}", newline: block) : -1;
            if (end >= 0)
            {
                Add(block ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _at);
                _at = end;
                return;
            }

            ReadToken(brackets);
        }

        // The parser reports what was missing: it knows what it was reading.
    }

    private void ReadToken(Stack<char> brackets)
    {
        char c = source[_at];
        if (Letters.IsSpace(c))
        {
            _at = SkipSpace(_at);
            return;
        }

        if (char.IsAsciiDigit(c))
        {
            ReadNumber();
            return;
        }

        if (c is '\'' or '"')
        {
            int begin = _at;
            string text = StringLiteral.Read(source, ref _at);
            Add(TokenKind.String, text, begin);
            return;
        }

        int rune = StringValueRune(_at, out int width);
        if (Letters.IsWord(rune))
        {
            int begin = _at;
            do
                _at += width;
            while (_at < source.Length && Letters.IsWord(StringValueRune(_at, out width)));
            Add(TokenKind.Name, source[begin.._at], begin);
            return;
        }

        foreach (string symbol in Symbols)
        {
            if (!StartsWith(_at, symbol))
                continue;
            Balance(brackets, symbol);
            Add(TokenKind.Symbol, symbol, _at);
            _at += symbol.Length;
            return;
        }

        throw new TemplateException($"unexpected char {Printer.Quote(source.Substring(_at, width))}");
    }

    private int StringValueRune(int at, out int width)
    {
        width = Values.StringValue.Width(source, at);
        return width == 2 ? char.ConvertToUtf32(source[at], source[at + 1]) : source[at];
    }

    private static void Balance(Stack<char> brackets, string symbol)
    {
        char c = symbol[0];
        if (c is '(' or '[' or '{')
            brackets.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        else if (c is ')' or ']' or '}')
        {
            if (!brackets.TryPop(out char expected))
                throw new TemplateException($"unexpected '{c}'");
            if (expected != c)
                throw new TemplateException($"unexpected '{c}', expected '{expected}'");
        }
    }

    private void ReadNumber()
    {
        int begin = _at;
        var (kind, end) = NumberLiteral.Scan(source, begin);
        _at = end;
        Add(kind, source[begin..end].Replace("_", "", StringComparison.Ordinal), begin);
    }

    private void Add(TokenKind kind, string text, int at) => _tokens.Add(new Token(kind, text, at));
}
