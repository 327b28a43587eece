namespace Causerie.Text.Grammars.Combined;

/// <summary>Any text up to a marker, with it: the marker's first place ends it.</summary>
/// <remarks>Knuth, Morris and Pratt's automaton. Control tokens other than the marker do not stand in the text.</remarks>
public sealed class UntilGrammar : Grammar
{
    private readonly byte[] _marker;
    private readonly int[] _fallback; // [marker] length of the longest proper border of the first so many bytes
    private readonly State[] _states;

    /// <summary>A grammar of texts that end in a marker.</summary>
    /// <param name="marker">It, with control tokens framed; null is met nowhere, so that any text may stand and end anywhere.</param>
    public UntilGrammar(byte[]? marker)
    {
        _marker = marker ?? [];
        _fallback = new int[_marker.Length + 1];
        for (int i = 1, length = 0; i < _marker.Length; i++)
        {
            while (length > 0 && _marker[i] != _marker[length])
                length = _fallback[length];
            _fallback[i + 1] = length = _marker[i] == _marker[length] ? length + 1 : 0;
        }
        _states = [.. Enumerable.Range(0, _marker.Length + 1).Select(at => new State(this, at))];
    }

    /// <summary>Any text, which may end anywhere.</summary>
    public static UntilGrammar Anything { get; } = new(null);

    /// <inheritdoc/>
    public override GrammarState Start => _states[0];

    private sealed class State(UntilGrammar grammar, int at) : GrammarState
    {
        public override bool CanEnd => at == grammar._marker.Length;

        internal override object? MaskKey => this;

        public override GrammarState? Step(byte next)
        {
            byte[] marker = grammar._marker;
            if (marker.Length == 0)
                return next == 0xFF ? null : this;
            if (CanEnd)
                return null;
            int length = at;
            while (length > 0 && marker[length] != next)
                length = grammar._fallback[length];
            if (marker[length] == next)
                return grammar._states[length + 1];
            // Inside a framed token only the marker itself goes on.
            return next == 0xFF || IsInFrame(marker, at) ? null : grammar._states[0];
        }

        private static bool IsInFrame(byte[] marker, int length) => marker.AsSpan(0, length).Count((byte)0xFF) % 2 == 1;
    }
}
