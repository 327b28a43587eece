namespace Causerie.Text.Grammars.Json;

/// <summary>The body of a JSON string that is being written, and which of its rules it can still keep.</summary>
/// <remarks>A string without rules has one cursor for each place, so that free text costs nothing.</remarks>
public sealed class TextCursor
{
    private static readonly IReadOnlyList<TextRule> AnyRules = [TextRule.Any];
    private static readonly TextCursor AnyText = new(AnyRules, [0], 0, TextDecoder.Between);

    private readonly IReadOnlyList<TextRule> _rules;
    private readonly int[] _states; // [rule] the automaton's state, or dead
    private readonly TextDecoder _decoder;

    private TextCursor(IReadOnlyList<TextRule> rules, int[] states, int length, TextDecoder decoder) =>
        (_rules, _states, Length, _decoder) = (rules, states, length, decoder);

    /// <summary>Code points so far.</summary>
    public int Length { get; }

    /// <summary>The same for cursors from which the same texts go on.</summary>
    public object Key => IsFree ? (this is { _decoder: { Place: TextDecoder.Inside.Nothing } } ? AnyRules : _decoder)
        : (_rules, string.Join(',', _states), _decoder, _rules.Any(rule => rule.Least > 0 || rule.Most < int.MaxValue) ? Length : 0);

    /// <summary>Whether any text goes on from here.</summary>
    public bool IsFree => ReferenceEquals(_rules, AnyRules);

    /// <summary>How many more code points are asked at least and at most, where that is the only rule; else null.</summary>
    public (int Least, int Most)? Lengths => _rules.Count == 1 && !IsFree && _decoder == TextDecoder.Between && _rules[0].Language.IsEverything
        ? (Math.Max(0, _rules[0].Least - Length), _rules[0].Most == int.MaxValue ? int.MaxValue : _rules[0].Most - Length)
        : null;

    /// <summary>The rules of which one must hold.</summary>
    internal IReadOnlyList<TextRule> Rules => _rules;

    /// <summary>The only rule's place; null where the text is free or has several rules.</summary>
    internal (Expressions.Language Language, int State, int Least, int Most)? One => _rules.Count == 1 && !IsFree ? Place(0) : null;

    /// <summary>Where the bytes stand between two code points.</summary>
    internal TextDecoder Decoder => _decoder;

    /// <summary>A text that is not yet begun.</summary>
    /// <param name="rules">One of them must hold.</param>
    public static TextCursor Begin(IReadOnlyList<TextRule> rules)
    {
        if (rules.Any(rule => rule.IsAny))
            return AnyText;
        return new TextCursor(rules, [.. rules.Select(rule => rule.IsEmpty ? Expressions.Language.Dead : 0)], 0, TextDecoder.Between);
    }

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd
    {
        get
        {
            if (_decoder != TextDecoder.Between)
                return false;
            for (int i = 0; i < _states.Length; i++)
            {
                if (_states[i] >= 0 && Length >= _rules[i].Least && Length <= _rules[i].Most && _rules[i].Language.Accepts(_states[i]))
                    return true;
            }
            return false;
        }
    }

    /// <summary>Takes a byte that is not the closing quote.</summary>
    /// <param name="next">The byte.</param>
    /// <param name="closed">Whether it was the closing quote and the text may end.</param>
    /// <returns>The cursor after it, or null.</returns>
    public TextCursor? Step(byte next, out bool closed)
    {
        closed = false;
        var result = _decoder.Step(next, out var decoder, out int low, out int high);
        switch (result)
        {
            case TextDecoder.Result.Closed:
                closed = CanEnd;
                return null;
            case TextDecoder.Result.Wrong:
                return null;
            case TextDecoder.Result.Inside:
                return GoesOn(low, high) ? new TextCursor(_rules, _states, Length, decoder) : null;
            default:
                return After(low);
        }
    }

    /// <summary>A rule's automaton, its state, and how many more code points are asked at least and at most; null where the rule is broken.</summary>
    internal (Expressions.Language Language, int State, int Least, int Most)? Place(int rule)
    {
        var its = _rules[rule];
        return _states[rule] < 0 ? null
            : (its.Language, _states[rule], Math.Max(0, its.Least - Length), its.Most == int.MaxValue ? its.Most : its.Most - Length);
    }

    /// <summary>Takes a code point, of which bytes may have been taken before.</summary>
    internal TextCursor? After(int code)
    {
        if (IsFree)
            return AnyText;
        int[] states = new int[_states.Length];
        bool alive = false;
        for (int i = 0; i < states.Length; i++)
        {
            var rule = _rules[i];
            int next = _states[i] < 0 ? -1 : rule.Language.Step(_states[i], code);
            bool can = next >= 0 && Length < rule.Most && rule.Language.CanEndWithin(next, Left(rule.Least), LeftOfMost(rule.Most));
            states[i] = can ? next : Expressions.Language.Dead;
            alive |= can;
        }
        return alive ? new TextCursor(_rules, states, Length + 1, TextDecoder.Between) : null;

        int Left(int least) => Math.Max(0, least - Length - 1);
        int LeftOfMost(int most) => most == int.MaxValue ? most : most - Length - 1;
    }

    /// <summary>Whether a code point may follow that is one from <paramref name="low"/> to <paramref name="high"/>.</summary>
    internal bool GoesOn(int low, int high)
    {
        if (IsFree)
            return true;
        for (int i = 0; i < _states.Length; i++)
        {
            if (_states[i] >= 0 && Length < _rules[i].Most && _rules[i].Language.GoesOn(_states[i], low, high))
                return true;
        }
        return false;
    }
}
