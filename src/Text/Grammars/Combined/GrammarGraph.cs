using Causerie.Text.Grammars.Masks;

namespace Causerie.Text.Grammars.Combined;

/// <summary>Grammars one behind the other: a text goes from part to part along the graph's edges.</summary>
/// <remarks>Parts hold no empty text, so that no way through the graph stands still.</remarks>
public sealed class GrammarGraph : Grammar
{
    private const int MostWays = 4096;

    private readonly List<Part> _parts = [];
    private readonly List<int> _first = [];

    /// <inheritdoc/>
    public override GrammarState Start => new State(this, [.. _first.Select(part => (part, _parts[part].Grammar.Start))]);

    /// <summary>Adds a part.</summary>
    /// <param name="grammar">Its texts, none empty.</param>
    /// <param name="canEnd">Whether the whole may end behind it.</param>
    /// <returns>Its number, for edges.</returns>
    public int Add(Grammar grammar, bool canEnd = false)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        _parts.Add(new Part(grammar, canEnd, []));
        return _parts.Count - 1;
    }

    /// <summary>Lets a text begin with a part.</summary>
    public void Begin(int part) => _first.Add(part);

    /// <summary>Lets a part follow another.</summary>
    public void Link(int part, int next) => _parts[part].Next.Add(next);

    private sealed record Part(Grammar Grammar, bool CanEnd, List<int> Next);

    private sealed class State(GrammarGraph graph, List<(int Part, GrammarState State)> ways) : GrammarState
    {
        public override bool CanEnd => ways.Any(way => graph._parts[way.Part].CanEnd && way.State.CanEnd);

        internal override IReadOnlyList<GrammarState> Parts => ways.Count > 1
            ? [.. ways.Select(way => new State(graph, [way]))]
            : [.. ways[0].State.Parts.Select(state => Wrap(state))];

        internal override TextPlace? InText => ways is [{ State: { CanEnd: false, InText: { } text } }]
            ? text with
            {
                After = text.After is { } after ? Wrap(after) : null,
                Walked = text.Walked is { } walked ? Wrap(walked) : null,
                Also = text.Also is { } also ? Wrap(also) : null,
                Special = [.. text.Special.Select(one => (one.Left, one.After is { } its ? Wrap(its) : null))],
            }
            : null;

        internal override object? MaskKey => ways is [{ State: { MaskKey: { } key } }] ? (graph, ways[0].Part, key) : null;

        internal override int Ways => ways.Sum(way => way.State.Ways);

        internal override bool TakesDigits(int count) => ways.Any(way => way.State.TakesDigits(count));

        public override GrammarState? Step(byte next)
        {
            var after = new List<(int, GrammarState)>();
            foreach (var (part, state) in ways)
            {
                if (state.Step(next) is { } goesOn)
                {
                    if (ways.Count == 1 && ReferenceEquals(goesOn, state) && !state.CanEnd)
                        return this;
                    after.Add((part, goesOn));
                }
                if (!state.CanEnd)
                    continue;
                foreach (int other in graph._parts[part].Next)
                {
                    if (graph._parts[other].Grammar.Start.Step(next) is { } begun)
                        after.Add((other, begun));
                }
            }
            if (after.Count > MostWays)
                throw new GrammarException("the grammar leaves too many ways open at once.");
            return after.Count == 0 ? null : new State(graph, after);
        }

        private State Wrap(GrammarState state) => new State(graph, [(ways[0].Part, state)]);
    }
}
