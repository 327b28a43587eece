using Causerie.Text.Grammars.Expressions;

namespace Causerie.Text.Grammars.Masks;

/// <summary>An automaton's steps by the code points of a tree, each looked up once, and how far it takes whatever comes.</summary>
internal sealed class LanguageSteps
{
    private const int MostStates = 1000; // more are mostly given texts, which take nothing else

    private readonly int[] _points;
    private readonly int[] _classes; // [symbol] the class of a code point, or −1 where it is not yet known
    private readonly int[][] _reaches; // [kind, state] code points of the kind that may come whatever they are

    /// <summary>Of an automaton on a tree.</summary>
    public LanguageSteps(Language language, PointTrie trie)
    {
        (Language, _points, _classes) = (language, trie.Points, new int[trie.Points.Length]);
        Array.Fill(_classes, -1);
        _reaches = language.States > MostStates ? [] : [.. PlainText.Kinds.Select(language.ReachesWithin)];
    }

    /// <summary>The automaton.</summary>
    public Language Language { get; }

    /// <summary>The state after a code point, or <see cref="Language.Dead"/>.</summary>
    public int Step(int state, int symbol)
    {
        int one = _classes[symbol];
        if (one < 0)
            _classes[symbol] = one = Language.ClassOf(_points[symbol]);
        return Language.StepBy(state, one);
    }

    /// <summary>How many code points of a kind may come, whatever they are: no text of so many leads nowhere; −1 where it is not known.</summary>
    public int Reach(int state, int kind) => kind < _reaches.Length ? _reaches[kind][state] : -1;
}
