using System.Globalization;
using System.Text;
using Causerie.Text.Grammars.ContextFree;
using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Gbnf;

/// <summary>Reads GBNF: <c>name ::= alternatives</c> of texts, sets, rules, groups and repetitions.</summary>
internal sealed class GbnfParser
{
    private const int Deepest = 200;
    private const int MostRepeats = 2000;
    private const int MostQuantifiers = 8;

    private readonly string _text;
    private readonly Dictionary<string, Rule> _rules = new(StringComparer.Ordinal);
    private readonly NodeBuilder _nodes = new();
    private int _at;
    private int _depth;

    private GbnfParser(string text) => _text = text;

    /// <summary>The rule <c>root</c> of a grammar.</summary>
    /// <exception cref="GrammarException">It is malformed, has no root, or a rule begins with itself.</exception>
    public static Rule Parse(string text)
    {
        var parser = new GbnfParser(text);
        parser.SkipSpace(lines: true);
        while (parser._at < text.Length)
            parser.ReadRule();
        foreach (var rule in parser._rules.Values)
        {
            if (rule.Start is null)
                throw new GrammarException($"the rule '{rule.Name}' is used and nowhere written.");
        }
        if (!parser._rules.TryGetValue("root", out var root))
            throw new GrammarException("the grammar has no rule 'root'.");
        LeftRecursion.Check(parser._rules.Values);
        return root;
    }

    private void ReadRule()
    {
        var rule = RuleOf(Name());
        SkipSpace(lines: false);
        if (!_text.AsSpan(_at).StartsWith("::="))
            throw Fault("'::=' is missing");
        if (rule.Start is not null)
            throw Fault($"the rule '{rule.Name}' is written twice");
        _at += 3;
        SkipSpace(lines: true);
        rule.Start = Alternatives(nested: false)(Node.Return.Only);
        if (_at < _text.Length && _text[_at] is not ('\r' or '\n'))
            throw Fault("the line does not end here");
        SkipSpace(lines: true);
    }

    private Part Alternatives(bool nested)
    {
        if (++_depth > Deepest)
            throw Fault("groups stand in one another too deep");
        var ways = new List<Part> { Sequence(nested) };
        while (_at < _text.Length && _text[_at] == '|')
        {
            _at++;
            SkipSpace(lines: true);
            ways.Add(Sequence(nested));
        }
        _depth--;
        return _nodes.Choice(ways);
    }

    private Part Sequence(bool nested)
    {
        var parts = new List<Part>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')' or '\r' or '\n'))
        {
            var part = Element();
            SkipSpace(nested);
            for (int times = 0; Quantifier(out int least, out int most); times++)
            {
                if (times == MostQuantifiers)
                    throw Fault("too many repetitions of one repetition");
                part = _nodes.Repeat(part, least, most);
                SkipSpace(nested);
            }
            parts.Add(part);
        }
        return NodeBuilder.Sequence(parts);
    }

    private Part Element()
    {
        char first = _text[_at];
        switch (first)
        {
            case '"':
                return Text();
            case '[':
                return _nodes.Points(Set());
            case '.':
                _at++;
                return _nodes.Points(CodePoints.All);
            case '(':
                _at++;
                SkipSpace(lines: true);
                var group = Alternatives(nested: true);
                if (_at == _text.Length || _text[_at] != ')')
                    throw Fault("')' is missing");
                _at++;
                return group;
            case '<' or '!':
                throw Fault("a token by its number or name cannot be enforced here");
            default:
                return _nodes.Rule(RuleOf(Name()));
        }
    }

    private Part Text()
    {
        _at++;
        var points = new List<Part>();
        while (Peek("'\"'") != '"')
            points.Add(_nodes.Points(CodePoints.Of(Point())));
        _at++;
        return NodeBuilder.Sequence(points);
    }

    private CodePoints Set()
    {
        _at++;
        bool not = Peek("']'") == '^';
        if (not)
            _at++;
        var ranges = new List<(int, int)>();
        while (Peek("']'") != ']')
        {
            int low = Point(), high = low;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                high = Point();
                if (high < low)
                    throw Fault("a range of a set is the wrong way round");
            }
            ranges.Add((low, high));
        }
        _at++;
        var points = CodePoints.Of(ranges);
        return (not ? points.Complement() : points).Intersect(CodePoints.All);
    }

    /// <summary>A code point of a text or set, written as itself or with a backslash.</summary>
    private int Point()
    {
        if (_text[_at] != '\\')
        {
            if (!Rune.TryGetRuneAt(_text, _at, out var rune))
                throw Fault("half of a surrogate pair");
            _at += rune.Utf16SequenceLength;
            return rune.Value;
        }
        _at++;
        char kind = Peek("a letter behind '\\'");
        _at++;
        return kind switch
        {
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            '\\' or '"' or '[' or ']' or '-' or '^' or '/' => kind,
            _ => throw Fault($"'\\{kind}' means nothing"),
        };
    }

    private int Hex(int digits)
    {
        if (_at + digits > _text.Length || !int.TryParse(
            _text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || !Rune.IsValid(code))
            throw Fault($"{digits} hexadecimal digits of a code point are missing");
        _at += digits;
        return code;
    }

    private bool Quantifier(out int least, out int most)
    {
        (least, most) = (0, int.MaxValue);
        if (_at == _text.Length || _text[_at] is not ('*' or '+' or '?' or '{'))
            return false;
        char kind = _text[_at++];
        if (kind != '{')
        {
            (least, most) = kind == '+' ? (1, int.MaxValue) : (0, kind == '?' ? 1 : int.MaxValue);
            return true;
        }
        SkipSpace(lines: false);
        bool has = char.IsAsciiDigit(Peek("'}'"));
        least = has ? Number() : 0;
        most = has ? least : int.MaxValue;
        SkipSpace(lines: false);
        if (Peek("'}'") == ',')
        {
            _at++;
            SkipSpace(lines: false);
            most = char.IsAsciiDigit(Peek("'}'")) ? Number() : int.MaxValue;
            SkipSpace(lines: false);
        }
        else if (!has)
        {
            throw Fault("a number is missing in '{}'");
        }
        if (Peek("'}'") != '}' || most < least)
            throw Fault("the counts in '{}' are malformed");
        _at++;
        return true;
    }

    private int Number()
    {
        int begin = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        return int.TryParse(_text.AsSpan(begin, _at - begin), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count <= MostRepeats ? count : throw Fault($"more than {MostRepeats} repetitions");
    }

    private Rule RuleOf(string name)
    {
        if (!_rules.TryGetValue(name, out var rule))
            _rules.Add(name, rule = new Rule(name));
        return rule;
    }

    private string Name()
    {
        int begin = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_'))
            _at++;
        return _at > begin ? _text[begin.._at] : throw Fault($"'{_text[_at]}' begins nothing");
    }

    private char Peek(string expected) => _at < _text.Length ? _text[_at] : throw Fault($"{expected} is missing");

    private void SkipSpace(bool lines)
    {
        while (_at < _text.Length)
        {
            if (_text[_at] == '#')
            {
                while (_at < _text.Length && _text[_at] is not ('\r' or '\n'))
                    _at++;
            }
            else if (_text[_at] is ' ' or '\t' || (lines && _text[_at] is '\r' or '\n'))
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private GrammarException Fault(string what)
    {
        int line = 1 + _text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n');
        return new GrammarException($"{what}, in line {line} of the grammar.");
    }
}
