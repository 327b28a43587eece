using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>Masks inside JSON strings: tokens that stay inside are found once for each place in a text, tokens that leave it by what follows.</summary>
internal sealed class TextMasks
{
    private const int MostKept = 256;
    private const int MostTries = 32;

    private readonly TokenTrie _trie;
    private readonly PointTrie _points; // from between two code points, where nearly every token begins
    private readonly TextLengths _lengths;
    private readonly TextInside _free;
    private readonly ConcurrentDictionary<object, TextInside> _kept = new();
    private readonly ConcurrentDictionary<TextDecoder, PointTrie> _tries = new();
    private readonly ConditionalWeakTable<Language, LanguageSteps> _steps = [];

    /// <summary>Works out what any text needs, so that no first token waits for it.</summary>
    public TextMasks(TokenTrie trie)
    {
        (_trie, _points) = (trie, PointTrie.Of(trie, TextDecoder.Between));
        _lengths = new TextLengths(trie, _points);
        var begun = TextCursor.Begin([TextRule.Any]);
        _free = TextInside.Of(trie, _points, new CursorStates(_points, []), begun);
        _ = InsideOf(begun.Step((byte)'\\', out _)!);
        _ = _points.Tails;
    }

    /// <summary>Adds the tokens that may come.</summary>
    public void Add(TextPlace place, Span<ulong> mask, MaskBudget budget)
    {
        if (place.Special.Count == 0 && place.Also is null && place.Cursor.Lengths is { } lengths)
        {
            _lengths.Add(lengths.Least, lengths.Most, place.After, mask);
            if (place.Walked is { } its)
                Leave(its, _lengths.Exits(lengths.Least, lengths.Most), mask, budget);
            return;
        }
        var inside = InsideOf(place.Cursor);
        for (int i = 0; i < mask.Length; i++)
            mask[i] |= inside.Bits[i];
        if (place.After is { } after)
            inside.Add(after, mask);
        if (place.Walked is { } walked)
            Leave(walked, inside.Exits, mask, budget);
        if (place.Also is { } also)
            TokenMasks.Walk(_trie, also, 0, mask, budget);
        foreach (var (rest, otherwise) in place.Special)
        {
            foreach (int exit in inside.ExitsAfter(rest))
            {
                foreach (int token in _trie.TokensBelow(exit))
                    mask[token >> 6] &= ~(1UL << token);
                if (otherwise is not null)
                {
                    foreach (int token in _trie.TokensAt(exit))
                        mask[token >> 6] |= 1UL << token;
                    TokenMasks.Walk(_trie, otherwise, exit, mask, budget);
                }
            }
        }
    }

    // Exits stand one after the other as in the tree, so that most share the steps of the one before.
    private void Leave(GrammarState state, IEnumerable<PointTrie.Exit> exits, Span<ulong> mask, MaskBudget budget)
    {
        var way = new List<GrammarState?> { state };
        byte[] last = [];
        foreach (var exit in exits)
        {
            int shared = last.AsSpan().CommonPrefixLength(exit.Head);
            way.RemoveRange(shared + 1, way.Count - shared - 1);
            foreach (byte next in exit.Head.AsSpan(shared))
                way.Add(way[^1]?.Step(next));
            last = exit.Head;
            if (way[^1]?.Step((byte)'"') is not { } at)
                continue;
            foreach (int token in _trie.TokensAt(exit.Node))
                mask[token >> 6] |= 1UL << token;
            TokenMasks.Walk(_trie, at, exit.Node, mask, budget);
        }
    }

    private TextInside InsideOf(TextCursor cursor)
    {
        bool between = cursor.Decoder == TextDecoder.Between;
        if (cursor.IsFree && between)
            return _free;
        var points = between ? _points : PointsFrom(cursor.Decoder);
        object key = cursor.Key;
        if (cursor.One is var (language, state, least, most))
        {
            most = LanguageStates.Nearby(most, language, points);
            key = (language, state, least, most, cursor.Decoder);
        }
        else
        {
            (language, state, least, most) = (null, 0, 0, 0);
        }
        if (_kept.TryGetValue(key, out var kept))
            return kept;
        if (_kept.Count >= MostKept)
            _kept.Clear(); // what is needed again is found again
        return _kept[key] = language is null
            ? TextInside.Of(_trie, points, new CursorStates(points, cursor.IsFree ? [] : [.. cursor.Rules.Select(rule => StepsOf(rule.Language, points))]), cursor)
            : TextInside.Of(_trie, points, new LanguageStates(points, StepsOf(language, points), least, most), state);
    }

    private PointTrie PointsFrom(TextDecoder decoder)
    {
        if (_tries.TryGetValue(decoder, out var points))
            return points;
        if (_tries.Count >= MostTries)
            _tries.Clear(); // what is needed again is found again
        return _tries[decoder] = PointTrie.Of(_trie, decoder);
    }

    private LanguageSteps StepsOf(Language language, PointTrie points) => ReferenceEquals(points, _points)
        ? _steps.GetValue(language, one => new LanguageSteps(one, _points)) : new LanguageSteps(language, points);
}
