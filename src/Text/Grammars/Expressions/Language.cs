using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Causerie.Text.Grammars.Expressions;

/// <summary>A regular set of texts, as a deterministic automaton over code points.</summary>
public sealed partial class Language : IEquatable<Language>
{
    /// <summary>The state from which no text of the language is reached.</summary>
    public const int Dead = -1;

    private const int MostStates = 20_000;

    private readonly Alphabet _alphabet;
    private readonly int[] _next; // [state, class]; −1 is dead
    private readonly bool[] _accepts; // [state]
    private readonly bool[] _endless; // [state] whether texts of any length follow
    private readonly int[] _shortest; // [state] code points to the nearest end
    private readonly int[] _longest; // [state] code points to the farthest end; int.MaxValue where endless

    private readonly Lazy<int> _hash;
    private readonly ConcurrentDictionary<(int State, int Least, int Most), bool> _reached = new();

    private Language(Alphabet alphabet, int[] next, bool[] accepts)
    {
        (_alphabet, _next, _accepts) = (alphabet, next, accepts);
        _hash = new Lazy<int>(Hash);
        _shortest = Distances();
        for (int i = 0; i < next.Length; i++)
        {
            if (next[i] != Dead && _shortest[next[i]] == int.MaxValue)
                next[i] = Dead;
        }
        _longest = Farthest();
        _endless = [.. _longest.Select(length => length == int.MaxValue)];
        int[] classes = [.. alphabet.ClassesOf(CodePoints.All)]; // surrogates lead nowhere and are no part of a text
        IsEverything = accepts.All(one => one) && Enumerable.Range(0, accepts.Length).All(state =>
            classes.All(one => next[(state * alphabet.Classes) + one] != Dead));
        FarthestFromEnd = _shortest.Where(length => length < int.MaxValue).DefaultIfEmpty(0).Max();
        IsEmpty = accepts.Length == 0 || _shortest[0] == int.MaxValue;
    }

    /// <summary>Every text.</summary>
    public static Language Everything { get; } = Of(Expression.Anything, whole: true);

    /// <summary>Whether no text is in it.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether every text is in it.</summary>
    public bool IsEverything { get; }

    /// <summary>Whether its texts have no longest one.</summary>
    public bool IsEndless => !IsEmpty && _endless[0];

    /// <summary>Its states; the first is where texts begin.</summary>
    public int States => _accepts.Length;

    /// <summary>The language of an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="whole">Whether it must match a text from end to end; else anywhere in it.</param>
    /// <exception cref="GrammarException">It needs too many states.</exception>
    public static Language Of(Expression expression, bool whole) => AutomatonBuilder.Build(
        whole ? expression : new Expression.Sequence([Expression.Anything, expression, Expression.Anything]));

    /// <summary>The language of texts that are given word for word.</summary>
    public static Language OfTexts(IEnumerable<string> texts) =>
        Of(new Expression.Choice([.. texts.Select(Expression.Literal)]), whole: true);

    /// <summary>The state after a code point, or <see cref="Dead"/>.</summary>
    public int Step(int state, int code) => _next[(state * _alphabet.Classes) + _alphabet.ClassOf(code)];

    /// <summary>The class of a code point: those of one class are alike.</summary>
    internal int ClassOf(int code) => _alphabet.ClassOf(code);

    /// <summary>The state after a code point of a class, or <see cref="Dead"/>.</summary>
    internal int StepBy(int state, int one) => _next[(state * _alphabet.Classes) + one];

    /// <summary>Whether a text may end here.</summary>
    public bool Accepts(int state) => _accepts[state];

    /// <summary>The states that come next, each with the code points that lead there.</summary>
    internal IEnumerable<(CodePoints Points, int Next)> Edges(int state) => Enumerable.Range(0, _alphabet.Classes)
        .Where(one => _next[(state * _alphabet.Classes) + one] != Dead)
        .GroupBy(one => _next[(state * _alphabet.Classes) + one])
        .Select(group => (_alphabet.PointsOf([.. group]), group.Key))
        .Where(edge => !edge.Item1.IsEmpty);

    /// <summary>Whether some code point from one to another leads on.</summary>
    public bool GoesOn(int state, int low, int high)
    {
        foreach (int one in _alphabet.ClassesOf(low, high))
        {
            if (_next[(state * _alphabet.Classes) + one] != Dead)
                return true;
        }
        return false;
    }

    /// <summary>Whether a text is in it.</summary>
    public bool Contains(string text)
    {
        int state = IsEmpty ? Dead : 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (state == Dead)
                return false;
            state = Step(state, rune.Value);
        }
        return state != Dead && _accepts[state];
    }

    /// <summary>The texts that are in both.</summary>
    /// <exception cref="GrammarException">It needs too many states.</exception>
    public Language Intersect(Language other) => Product(other, (left, right) => left && right);

    /// <summary>The texts that are in one or the other.</summary>
    /// <exception cref="GrammarException">It needs too many states.</exception>
    public Language Union(Language other) => Product(other, (left, right) => left || right);

    /// <summary>All other texts.</summary>
    public Language Complement()
    {
        int classes = _alphabet.Classes, sink = States;
        var next = new int[(States + 1) * classes];
        for (int i = 0; i < next.Length; i++)
            next[i] = i < _next.Length && _next[i] != Dead ? _next[i] : sink;
        return new Language(_alphabet, next, [.. _accepts.Select(accepts => !accepts), true]);
    }

    /// <summary>Whether another has the same states and steps, whatever it was made of.</summary>
    public bool Equals(Language? other) => ReferenceEquals(this, other) || (other is not null && _hash.Value == other._hash.Value
        && _alphabet.Equals(other._alphabet) && _next.AsSpan().SequenceEqual(other._next) && _accepts.AsSpan().SequenceEqual(other._accepts));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Language);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.Value;

    private int Hash()
    {
        var hash = new HashCode();
        hash.Add(_alphabet);
        hash.AddBytes(MemoryMarshal.AsBytes(_next.AsSpan()));
        hash.AddBytes(MemoryMarshal.AsBytes(_accepts.AsSpan()));
        return hash.ToHashCode();
    }

    internal static Language Make(Alphabet alphabet, int[] next, bool[] accepts) => new(alphabet, next, accepts);

    private Language Product(Language other, Func<bool, bool, bool> accepts)
    {
        var (alphabet, ofLeft, ofRight) = Alphabet.Join(_alphabet, other._alphabet);
        var known = new Dictionary<(int, int), int> { [(0, 0)] = 0 };
        var pairs = new List<(int Left, int Right)> { (0, 0) };
        var next = new List<int>();
        for (int i = 0; i < pairs.Count; i++)
        {
            for (int one = 0; one < alphabet.Classes; one++)
            {
                int left = pairs[i].Left == Dead ? Dead : _next[(pairs[i].Left * _alphabet.Classes) + ofLeft[one]];
                int right = pairs[i].Right == Dead ? Dead : other._next[(pairs[i].Right * other._alphabet.Classes) + ofRight[one]];
                if (!known.TryGetValue((left, right), out int state))
                {
                    known.Add((left, right), state = pairs.Count);
                    pairs.Add((left, right));
                    if (pairs.Count > MostStates)
                        throw new GrammarException($"patterns that must hold together need more than {MostStates} states.");
                }
                next.Add(state);
            }
        }
        return new Language(alphabet, [.. next], [.. pairs.Select(pair => accepts(
            pair.Left != Dead && _accepts[pair.Left], pair.Right != Dead && other._accepts[pair.Right]))]);
    }
}
