namespace Causerie.Text.Grammars.Lark;

/// <summary>Cuts a grammar in Lark's notation into words.</summary>
internal sealed class LarkLexer(LarkSource source)
{
    private static readonly string[] Signs = ["..", "->", "(", ")", "[", "]", "{", "}", "|", ":", ",", ".", "?", "*", "+", "~", "!", "-", "<", ">", "&", "@", "=", "^", ";"];

    private readonly string _text = source.Text;
    private readonly List<LarkToken> _words = [];
    private int _at;

    /// <summary>The words, with an end behind them.</summary>
    /// <exception cref="GrammarException">Something begins no word, or a text does not end.</exception>
    public static List<LarkToken> Read(LarkSource source)
    {
        var lexer = new LarkLexer(source);
        while (lexer._at < lexer._text.Length)
            lexer.Next();
        lexer.Add(LarkTokenKind.End, "", lexer._at);
        return lexer._words;
    }

    private void Next()
    {
        int begin = _at;
        char c = _text[_at];
        if (c is ' ' or '\t' or '\r' or '\f' or '\uFEFF')
        {
            _at++;
        }
        else if (c == '\n')
        {
            _at++;
            if (_words is not [.., { Kind: LarkTokenKind.Lines }])
                Add(LarkTokenKind.Lines, "", begin);
        }
        else if (c == '#' || _text.AsSpan(_at).StartsWith("//"))
        {
            Skip(one => one != '\n');
        }
        else if (c == '"')
        {
            Quoted(LarkTokenKind.Text, '"');
        }
        else if (c == '/')
        {
            Quoted(LarkTokenKind.Pattern, '/');
        }
        else if (char.IsAsciiLetter(c) || c == '_')
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_' || IsHyphen()))
                _at++;
            Add(LarkTokenKind.Name, _text[begin.._at], begin);
        }
        else if (char.IsAsciiDigit(c))
        {
            Skip(char.IsAsciiDigit);
            Add(LarkTokenKind.Number, _text[begin.._at], begin);
        }
        else if (c == '%')
        {
            _at++;
            Skip(char.IsAsciiLetter);
            Add(LarkTokenKind.Directive, _text[begin.._at], begin);
        }
        else if (Signs.FirstOrDefault(sign => _text.AsSpan(_at).StartsWith(sign)) is { } sign)
        {
            _at += sign.Length;
            Add(LarkTokenKind.Sign, sign, begin);
        }
        else
        {
            throw source.Fault(_at, $"'{c}' begins nothing");
        }
    }

    // Within a name, as OpenAI's reader has it; an arrow is none.
    private bool IsHyphen() => _text[_at] == '-' && _at + 1 < _text.Length && char.IsAsciiLetterOrDigit(_text[_at + 1]);

    private void Quoted(LarkTokenKind kind, char quote)
    {
        int begin = _at++;
        while (true)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
                throw source.Fault(begin, quote == '"' ? "a text does not end in its line" : "a pattern does not end in its line");
            if (_text[_at] == quote)
                break;
            _at += _text[_at] == '\\' && _at + 1 < _text.Length && _text[_at + 1] != '\n' ? 2 : 1;
        }
        string inner = _text[(begin + 1).._at++];
        int flags = _at;
        Skip(char.IsAsciiLetter);
        _words.Add(new LarkToken(kind, inner, begin) { Flags = _text[flags.._at] });
    }

    private void Skip(Func<char, bool> belongs)
    {
        while (_at < _text.Length && belongs(_text[_at]))
            _at++;
    }

    private void Add(LarkTokenKind kind, string text, int at) => _words.Add(new LarkToken(kind, text, at));
}
