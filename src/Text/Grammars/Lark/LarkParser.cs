using System.Globalization;

namespace Causerie.Text.Grammars.Lark;

/// <summary>Reads grammars in Lark's notation: definitions of rules and terminals, and what is said to be ignored.</summary>
/// <remarks>
/// What shapes Lark's trees says nothing about texts and is passed over: <c>?</c>, <c>!</c> and <c>_</c> before rules, aliases,
/// priorities of rules. What is not enforced here is refused by name: priorities of terminals, templates, <c>%declare</c>,
/// <c>%override</c>, <c>%extend</c>, imports of other grammars.
/// </remarks>
internal sealed class LarkParser
{
    private const int Deepest = 200;
    private const int MostRepeats = 2000;
    private const int MostDefinitions = 2000;

    private readonly LarkSource _source;
    private readonly List<LarkToken> _words;
    private readonly Dictionary<string, LarkDefinition> _names = new(StringComparer.Ordinal);
    private readonly List<LarkNode> _ignored = [];
    private int _at;
    private int _depth;

    private LarkParser(LarkSource source) => (_source, _words) = (source, LarkLexer.Read(source));

    private LarkToken Word => _words[_at];

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="GrammarException">It is malformed, or has what cannot be enforced.</exception>
    public static LarkFile Parse(string text)
    {
        var parser = new LarkParser(new LarkSource(text));
        while (!parser.SkipLines())
        {
            if (parser.Word.Kind == LarkTokenKind.Directive)
                parser.ReadDirective();
            else
                parser.ReadDefinition();
            if (parser.Word.Kind is not (LarkTokenKind.Lines or LarkTokenKind.End))
                throw parser.Unexpected("the line does not end");
        }
        return new LarkFile(parser._source, parser._names, parser._ignored);
    }

    private void ReadDefinition()
    {
        while (Word.Is("?") || Word.Is("!"))
            _at++;
        var name = Take(LarkTokenKind.Name, "a rule's name");
        bool terminal = LarkDefinition.IsTerminal(name.Text);
        if (Word.Is("{"))
            throw _source.Fault(Word.At, $"'{name.Text}' is a template, which is not read here");
        if (Word.Is("["))
            throw _source.Fault(Word.At, $"'{name.Text}' has attributes, which are not read here");
        if (Skip("."))
        {
            if (terminal)
                throw _source.Fault(name.At, $"the priority of the terminal '{name.Text}' cannot be enforced");
            Skip("-");
            Take(LarkTokenKind.Number, "a priority");
        }
        if (!Skip(":"))
            throw Unexpected("':' is missing");
        Define(name.Text, new LarkDefinition(name.Text, Choice(nested: false), _names, name.At), name.At);
    }

    private void Define(string name, LarkDefinition definition, int at)
    {
        if (!_names.TryAdd(name, definition))
            throw _source.Fault(at, $"'{name}' is defined twice");
        if (_names.Count > MostDefinitions)
            throw _source.Fault(at, $"more than {MostDefinitions:N0} rules and terminals");
    }

    private void ReadDirective()
    {
        var word = _words[_at++];
        switch (word.Text)
        {
            case "%ignore":
                _ignored.Add(Choice(nested: false));
                break;
            case "%import":
                ReadImport();
                break;
            case "%declare" or "%override" or "%extend" or "%json" or "%regex" or "%llguidance":
                throw _source.Fault(word.At, $"'{word.Text}' is not read here");
            default:
                throw _source.Fault(word.At, $"'{word.Text}' is no directive");
        }
    }

    /// <summary><c>common.NAME</c>, <c>common.NAME -> OTHER</c> or <c>common (NAME, NAME)</c>.</summary>
    private void ReadImport()
    {
        int at = Word.At;
        string grammar = Word.Is(".") ? "." : Take(LarkTokenKind.Name, "a grammar's name").Text;
        if (grammar != "common")
            throw _source.Fault(at, "only 'common' can be imported from");
        if (Skip("("))
        {
            do
            {
                Import(Take(LarkTokenKind.Name, "a terminal's name"), null);
            }
            while (Skip(","));
            if (!Skip(")"))
                throw Unexpected("')' is missing");
            return;
        }
        if (!Skip("."))
            throw Unexpected("'.' is missing");
        var name = Take(LarkTokenKind.Name, "a terminal's name");
        Import(name, Skip("->") ? Take(LarkTokenKind.Name, "the name to import it as").Text : null);
    }

    private void Import(LarkToken name, string? called)
    {
        if (!CommonTerminals.All.TryGetValue(name.Text, out var definition))
            throw _source.Fault(name.At, $"'common' has no '{name.Text}'");
        called ??= name.Text;
        if (!LarkDefinition.IsTerminal(called))
            throw _source.Fault(name.At, $"'{called}' is no name of a terminal");
        // The same import twice says nothing new.
        if (!_names.TryGetValue(called, out var known) || known != definition)
            Define(called, definition, name.At);
    }

    private LarkNode Choice(bool nested)
    {
        if (++_depth > Deepest)
            throw _source.Fault(Word.At, "groups stand in one another too deep");
        var ways = new List<LarkNode> { Sequence(nested) };
        while (BarFollows(nested))
        {
            _at++;
            ways.Add(Sequence(nested));
        }
        _depth--;
        return ways.Count == 1 ? ways[0] : new LarkNode.Choice(ways);
    }

    // A bar goes on with the definition, also in another line.
    private bool BarFollows(bool nested)
    {
        bool behindLines = Word.Kind == LarkTokenKind.Lines && _words[_at + 1].Is("|");
        if (behindLines || (nested && Word.Kind == LarkTokenKind.Lines))
            _at++;
        return Word.Is("|");
    }

    private LarkNode Sequence(bool nested)
    {
        var parts = new List<LarkNode>();
        while (true)
        {
            if (nested && Word.Kind == LarkTokenKind.Lines)
                _at++;
            if (Atom() is not { } atom)
                break;
            parts.Add(Repeated(atom));
        }
        if (Skip("->"))
            Take(LarkTokenKind.Name, "an alias");
        return parts.Count == 1 ? parts[0] : new LarkNode.Sequence(parts);
    }

    private LarkNode Repeated(LarkNode atom)
    {
        var word = Word;
        if (Skip("?"))
            return new LarkNode.Repeat(atom, 0, 1);
        if (Skip("*"))
            return new LarkNode.Repeat(atom, 0, int.MaxValue);
        if (Skip("+"))
            return new LarkNode.Repeat(atom, 1, int.MaxValue);
        if (!Skip("~") && !Skip("{"))
            return atom;
        bool braced = word.Is("{");
        if (braced && Word.Kind != LarkTokenKind.Number)
            throw _source.Fault(word.At, "templates are not read here");
        int least = Count(), most = least;
        if (Skip(braced ? "," : ".."))
            most = braced && Word.Is("}") ? int.MaxValue : Count();
        if (braced && !Skip("}"))
            throw Unexpected("'}' is missing");
        return most >= least ? new LarkNode.Repeat(atom, least, most) : throw _source.Fault(word.At, "the counts of a repetition are the wrong way round");
    }

    private int Count()
    {
        var number = Take(LarkTokenKind.Number, "a number");
        return int.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MostRepeats
            ? count : throw _source.Fault(number.At, $"more than {MostRepeats:N0} repetitions");
    }

    private LarkNode? Atom()
    {
        var word = Word;
        switch (word.Kind)
        {
            case LarkTokenKind.Name:
                _at++;
                return new LarkNode.Reference(word.Text, word.At);
            case LarkTokenKind.Text:
                _at++;
                if (!Skip(".."))
                    return new LarkNode.Literal(LarkLiterals.Text(_source, word), $"\"{word.Text}\"{word.Flags}", word.At);
                var high = _words[_at++];
                return new LarkNode.Literal(LarkLiterals.Range(_source, word, high), $"\"{word.Text}\"..\"{high.Text}\"", word.At);
            case LarkTokenKind.Pattern:
                _at++;
                return new LarkNode.Literal(LarkLiterals.Pattern(_source, word), $"/{word.Text}/{word.Flags}", word.At);
            case LarkTokenKind.Sign when word.Text is "(" or "[":
                _at++;
                var group = Choice(nested: true);
                string closer = word.Text == "(" ? ")" : "]";
                if (!Skip(closer))
                    throw Unexpected($"'{closer}' is missing");
                return word.Text == "(" ? group : new LarkNode.Repeat(group, 0, 1);
            case LarkTokenKind.Sign when word.Text is "<" or "@" or "&" or "~":
                throw _source.Fault(word.At, $"'{word.Text}' is not read here");
            default:
                return null;
        }
    }

    private bool SkipLines()
    {
        while (Word.Kind == LarkTokenKind.Lines)
            _at++;
        return Word.Kind == LarkTokenKind.End;
    }

    private bool Skip(string sign)
    {
        if (!Word.Is(sign))
            return false;
        _at++;
        return true;
    }

    private LarkToken Take(LarkTokenKind kind, string expected) =>
        Word.Kind == kind ? _words[_at++] : throw Unexpected($"{expected} is missing");

    private GrammarException Unexpected(string what) => _source.Fault(Word.At, what);
}
