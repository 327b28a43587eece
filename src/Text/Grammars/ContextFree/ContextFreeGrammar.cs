namespace Causerie.Text.Grammars.ContextFree;

/// <summary>The texts of a context-free grammar: states are sets of stacks of places to return to.</summary>
internal sealed class ContextFreeGrammar(Rule root) : Grammar
{
    private const int MostStacks = 4096;

    private readonly Dictionary<(Node, Frame?), Frame> _frames = [];

    /// <inheritdoc/>
    public override GrammarState Start
    {
        get
        {
            var open = new HashSet<Frame>();
            Open(root.Start!, null, open, out bool ends, begun: false);
            return new State(this, [.. open], ends, Utf8Decoder.Between);
        }
    }

    // The same stack is the same object, so that sets of stacks stay small.
    private Frame FrameOf(Node node, Frame? below)
    {
        if (!_frames.TryGetValue((node, below), out var frame))
            _frames.Add((node, below), frame = new Frame(node, below));
        return frame;
    }

    /// <summary>Adds the stacks whose top is a code point, from a place on.</summary>
    private void Open(Node from, Frame? below, HashSet<Frame> into, out bool ends, bool begun = true)
    {
        ends = false;
        var seen = new HashSet<(Node, Frame?)>();
        var open = new Stack<(Node Node, Frame? Below)>([(from, below)]);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
                continue;
            if (seen.Count > MostStacks)
                throw new GrammarException("the grammar leaves too many ways open at once.");
            switch (at.Node)
            {
                case Node.Match:
                    into.Add(FrameOf(at.Node, at.Below));
                    break;
                case Node.Split split:
                    foreach (var way in split.Ways)
                        open.Push((way, at.Below));
                    break;
                case Node.Call call:
                    // Nothing is left to do behind the last call of a rule: it returns where the rule does.
                    open.Push((call.Rule.Start!, call.Next is Node.Return ? at.Below : FrameOf(call.Next, at.Below)));
                    break;
                case Node.Gap gap:
                    open.Push((gap.Next, at.Below));
                    if (begun)
                        open.Push((gap.Rule.Start!, FrameOf(gap, at.Below)));
                    break;
                case Node.Return when at.Below is { } frame:
                    open.Push((frame.Node, frame.Below));
                    break;
                case Node.Return:
                    ends = true;
                    break;
            }
        }
    }

    /// <summary>A place, and where to go on when its rule is done.</summary>
    private sealed class Frame(Node node, Frame? below)
    {
        public Node Node => node;

        public Frame? Below => below;
    }

    private sealed class State(ContextFreeGrammar grammar, List<Frame> stacks, bool ends, Utf8Decoder decoder) : GrammarState
    {
        public override bool CanEnd => ends && decoder == Utf8Decoder.Between;

        internal override int Ways => stacks.Count;

        public override GrammarState? Step(byte next)
        {
            if (decoder.Step(next, out int low, out int high) is not { } after)
                return null;
            if (after != Utf8Decoder.Between)
            {
                List<Frame> possible = [.. stacks.Where(frame => ((Node.Match)frame.Node).Points.Overlaps(low, high))];
                return possible.Count == 0 ? null : new State(grammar, possible, false, after);
            }
            var open = new HashSet<Frame>();
            bool canEnd = false;
            foreach (var frame in stacks)
            {
                var match = (Node.Match)frame.Node;
                if (!match.Points.Contains(low))
                    continue;
                grammar.Open(match.Next, frame.Below, open, out bool itsEnd);
                canEnd |= itsEnd;
            }
            if (open.Count > MostStacks)
                throw new GrammarException("the grammar leaves too many ways open at once.");
            return open.Count == 0 && !canEnd ? null : new State(grammar, [.. open], canEnd, after);
        }
    }
}
