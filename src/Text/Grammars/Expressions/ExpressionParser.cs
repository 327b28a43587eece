using System.Globalization;

namespace Causerie.Text.Grammars.Expressions;

/// <summary>Reads regular expressions as ECMA-262 writes them, of which JSON Schema's <c>pattern</c> is made.</summary>
/// <remarks>Refused by name, since no finite automaton is made of them here: look-around, back-references, word boundaries.</remarks>
public sealed class ExpressionParser
{
    private const int Deepest = 200;
    private const int MostRepeats = 5000;

    private readonly string _text;
    private readonly ExpressionDialect _dialect;
    private int _at;
    private int _depth;

    private ExpressionParser(string text, ExpressionDialect dialect) => (_text, _dialect) = (text, dialect);

    /// <summary>The tree of a pattern.</summary>
    /// <param name="pattern">Such as <c>^[a-z]{2,5}$</c>.</param>
    /// <param name="dialect">What it means; ECMA-262 where none is given.</param>
    /// <exception cref="GrammarException">It is malformed, or asks for what is not enforced here.</exception>
    public static Expression Parse(string pattern, ExpressionDialect? dialect = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var parser = new ExpressionParser(pattern, dialect ?? ExpressionDialect.Ecma);
        var tree = parser.Choice();
        return parser._at == pattern.Length ? tree : throw parser.Fault("')' without '('");
    }

    private Expression Choice()
    {
        if (++_depth > Deepest)
            throw Fault("groups stand in one another too deep");
        var alternatives = new List<Expression> { Sequence() };
        while (Take('|'))
            alternatives.Add(Sequence());
        _depth--;
        return alternatives.Count == 1 ? alternatives[0] : new Expression.Choice(alternatives);
    }

    private Expression Sequence()
    {
        var parts = new List<Expression>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
            parts.Add(Repeated(Atom()));
        return parts.Count == 1 ? parts[0] : new Expression.Sequence(parts);
    }

    private Expression Repeated(Expression atom)
    {
        if (!Quantifier(out int least, out int? most))
            return atom;
        if (atom is Expression.Start or Expression.End)
            throw Fault("'^' or '$' is repeated");
        // Lazy or not, the language is the same; but where a text is cut into terminals, lazy ones end sooner.
        if (Take('?') && _dialect.IsStrict)
            throw Fault("lazy repetitions cannot be enforced");
        return Quantifier(out _, out _) ? throw Fault("a repetition is repeated") : new Expression.Repeat(atom, least, most);
    }

    private bool Quantifier(out int least, out int? most)
    {
        (least, most) = (0, null);
        switch (_at < _text.Length ? _text[_at] : '\0')
        {
            case '*':
                break;
            case '+':
                least = 1;
                break;
            case '?':
                most = 1;
                break;
            case '{' when Counts(out least, out most):
                break;
            case '{' when _dialect.IsStrict:
                throw Fault("'{' is no repetition; as itself it is written '\\{'");
            default:
                return false;
        }
        _at++;
        return true;
    }

    /// <summary>Reads <c>{2}</c>, <c>{2,}</c> or <c>{2,5}</c> up to before its last brace; anything else is text.</summary>
    private bool Counts(out int least, out int? most)
    {
        (least, most) = (0, null);
        int end = _text.IndexOf('}', _at);
        if (end < 0)
            return false;
        string[] bounds = _text[(_at + 1)..end].Split(',');
        if (bounds.Length > 2 || !bounds.All(bound => bound.All(char.IsAsciiDigit)) || bounds[0].Length == 0)
            return false;
        least = Count(bounds[0]);
        most = bounds.Length == 1 ? least : bounds[1].Length > 0 ? Count(bounds[1]) : null;
        if (most < least)
            throw Fault("a repetition's bounds are the wrong way round");
        _at = end;
        return true;
    }

    private int Count(string digits) =>
        int.TryParse(digits, CultureInfo.InvariantCulture, out int count) && count <= MostRepeats
            ? count : throw Fault($"a repetition of more than {MostRepeats} times");

    private Expression Atom()
    {
        char c = _text[_at++];
        switch (c)
        {
            case '(':
                if (Take('?'))
                    Group();
                var inner = Choice();
                return Take(')') ? inner : throw Fault("'(' without ')'");
            case '[':
                return new Expression.Set(Class());
            case '.':
                return new Expression.Set(_dialect.Dot);
            case '^' or '$' when _dialect.IsStrict:
                throw Fault($"'{c}' cannot be enforced within a terminal");
            case '{' when _dialect.IsStrict:
                throw Fault("'{' has nothing to repeat; as itself it is written '\\{'");
            case '^':
                return new Expression.Start();
            case '$':
                return new Expression.End();
            case '*' or '+' or '?':
                throw Fault($"'{c}' has nothing to repeat");
            case '\\':
                return new Expression.Set(Cased(Escape(inClass: false)));
            default:
                return new Expression.Set(Cased(CodePoints.Of(Rune(c))));
        }
    }

    private void Group()
    {
        if (Take(':'))
            return;
        if (_at + 1 < _text.Length && _text[_at] == 'P' && _text[_at + 1] == '<')
            _at++; // as Python and Rust name groups
        if (Take('<') && _at < _text.Length && _text[_at] is not ('=' or '!'))
        {
            int end = _text.IndexOf('>', _at);
            _at = end < 0 ? throw Fault("a group's name without '>'") : end + 1;
            return;
        }
        throw Fault("look-around and flags cannot be enforced");
    }

    private int Rune(char first)
    {
        if (!char.IsHighSurrogate(first) || _at >= _text.Length || !char.IsLowSurrogate(_text[_at]))
            return first;
        return char.ConvertToUtf32(first, _text[_at++]);
    }

    private CodePoints Class()
    {
        bool negated = Take('^');
        var set = CodePoints.None;
        if (_dialect.IsStrict && _at < _text.Length && _text[_at] == ']')
            throw Fault("a class begins with ']'; as itself it is written '\\]'");
        while (true)
        {
            if (_at >= _text.Length)
                throw Fault("'[' without ']'");
            if (Take(']'))
                return negated ? Cased(set).Complement() : Cased(set);
            if (_dialect.IsStrict)
                RefuseSets();
            var from = ClassAtom();
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']' && Single(from) is { } low)
            {
                _at++;
                var to = ClassAtom();
                if (Single(to) is not { } high)
                {
                    set = set.Union(from).Union(to).Union(CodePoints.Of('-'));
                    continue;
                }
                from = low <= high ? CodePoints.Of([(low, high)]) : throw Fault("a range is the wrong way round");
            }
            set = set.Union(from);
        }
    }

    private CodePoints ClassAtom()
    {
        char c = _text[_at++];
        return c == '\\' ? Escape(inClass: true) : CodePoints.Of(Rune(c));
    }

    // In Rust these join classes; in Python they are characters.
    private void RefuseSets()
    {
        foreach (string sign in (ReadOnlySpan<string>)["[", "&&", "--", "~~"])
        {
            if (_text.AsSpan(_at).StartsWith(sign))
                throw Fault($"'{sign}' in a class is read in more than one way; as itself it is written with '\\'");
        }
    }

    private CodePoints Cased(CodePoints set) => _dialect.IgnoresCase ? set.WithCases() : set;

    private static int? Single(CodePoints set) =>
        set.Ranges.Length == 1 && set.Ranges[0].Low == set.Ranges[0].High ? set.Ranges[0].Low : null;

    private CodePoints Escape(bool inClass)
    {
        if (_at >= _text.Length)
            throw Fault("it ends with '\\'");
        char c = _text[_at++];
        switch (c)
        {
            case 'd':
                return _dialect.Digits;
            case 'D':
                return _dialect.NoDigits;
            case 'w':
                return _dialect.Word;
            case 'W':
                return _dialect.NoWord;
            case 's':
                return _dialect.Space;
            case 'S':
                return _dialect.NoSpace;
            case 'n':
                return CodePoints.Of('\n');
            case 'r':
                return CodePoints.Of('\r');
            case 't':
                return CodePoints.Of('\t');
            case 'f':
                return CodePoints.Of('\f');
            case 'v':
                return CodePoints.Of('\v');
            case '0' when _dialect.IsStrict && _at < _text.Length && char.IsAsciiDigit(_text[_at]):
                throw Fault("octal escapes are not read here");
            case '0':
                return CodePoints.Of(0);
            case 'b' when inClass:
                return CodePoints.Of('\b');
            case 'b' or 'B':
                throw Fault("word boundaries cannot be enforced");
            case 'c' when !_dialect.IsStrict && _at < _text.Length && char.IsAsciiLetter(_text[_at]):
                return CodePoints.Of(_text[_at++] % 32);
            case 'x':
                return CodePoints.Of(Hex(2));
            case 'u':
                return CodePoints.Of(Unicode());
            case 'p' or 'P' when _dialect.IgnoresCase:
                throw Fault("a category that ignores cases cannot be enforced");
            case 'p' or 'P':
                var category = Category();
                return c == 'p' ? category : category.Complement();
            case >= '1' and <= '9' or 'k':
                throw Fault("back-references cannot be enforced");
            default:
                return char.IsAsciiLetterOrDigit(c) ? throw Fault($"the escape '\\{c}' is none") : CodePoints.Of(Rune(c));
        }
    }

    private int Unicode()
    {
        if (Take('{'))
        {
            int end = _text.IndexOf('}', _at);
            string digits = end < 0 ? "" : _text[_at..end];
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || code > 0x10FFFF)
                throw Fault("'\\u{…}' is no code point");
            _at = end + 1;
            return code;
        }
        int first = Hex(4);
        bool pair = first is >= 0xD800 and <= 0xDBFF && _text.AsSpan(_at).StartsWith("\\u");
        if (!pair)
            return first;
        _at += 2;
        int second = Hex(4);
        return second is >= 0xDC00 and <= 0xDFFF
            ? char.ConvertToUtf32((char)first, (char)second) : throw Fault("a surrogate stands alone");
    }

    private int Hex(int digits)
    {
        if (_at + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            throw Fault($"an escape wants {digits} hexadecimal digits");
        _at += digits;
        return code;
    }

    private CodePoints Category()
    {
        int end = _text.IndexOf('}', _at);
        if (!Take('{') || end < 0)
            throw Fault("'\\p' wants '{name}'");
        string name = _text[_at..end];
        _at = end + 1;
        string brief = name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..] switch
        {
            "Letter" or "Alphabetic" => "L",
            "digit" or "Decimal_Number" => "Nd",
            "Uppercase_Letter" or "Uppercase" => "Lu",
            "Lowercase_Letter" or "Lowercase" => "Ll",
            "Number" => "N",
            "Punctuation" => "P",
            "Symbol" => "S",
            "Mark" => "M",
            "Separator" => "Z",
            var other => other,
        };
        return CodePoints.Category(brief) ?? throw Fault($"the property '{name}' is not known");
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private GrammarException Fault(string what) => new($"the pattern '{_text}': {what}, at character {_at}.");
}
