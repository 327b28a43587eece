using System.Globalization;

namespace Causerie.Text.Grammars.Combined;

/// <summary>JSON strings whose texts are of a grammar, from behind the opening quote to the closing one.</summary>
/// <remarks>
/// Each text is written in one way, so that no escape is begun that leads nowhere: what must be escaped is, by its letter
/// where it has one, and all else stands as itself.
/// </remarks>
/// <param name="texts">The texts.</param>
public sealed class JsonStringGrammar(Grammar texts) : Grammar
{
    // What follows the backslash, and the byte that it stands for; digits in either case.
    private static readonly (string Written, byte Meant)[] Escapes =
    [
        ("\"", (byte)'"'), ("\\", (byte)'\\'), ("b", (byte)'\b'), ("f", (byte)'\f'), ("n", (byte)'\n'), ("r", (byte)'\r'), ("t", (byte)'\t'),
        .. Enumerable.Range(0, 0x20).Where(code => code is not ('\b' or '\f' or '\n' or '\r' or '\t'))
            .Select(code => ("u" + code.ToString("x4", CultureInfo.InvariantCulture), (byte)code)),
    ];

    /// <inheritdoc/>
    public override GrammarState Start => new State(texts.Start);

    private sealed class State(GrammarState text) : GrammarState
    {
        public override bool CanEnd => false;

        internal override int Ways => text.Ways;

        public override GrammarState? Step(byte next)
        {
            if (next == '"')
                return text.CanEnd ? Closed.Only : null;
            if (next == '\\')
                return Escape.Of(text, "");
            return next >= 0x20 && text.Step(next) is { } after ? new State(after) : null;
        }
    }

    private sealed class Escape(GrammarState text, string written) : GrammarState
    {
        public override bool CanEnd => false;

        internal override int Ways => text.Ways;

        /// <summary>An escape of which a part is written; null where none that begins so leads on.</summary>
        public static Escape? Of(GrammarState text, string written) =>
            Begun(written).Any(escape => text.Step(escape.Meant) is not null) ? new Escape(text, written) : null;

        public override GrammarState? Step(byte next)
        {
            string after = written + (written.Length == 0 ? (char)next : char.ToLowerInvariant((char)next));
            foreach (var (whole, meant) in Begun(after))
            {
                if (whole.Length == after.Length)
                    return text.Step(meant) is { } read ? new State(read) : null;
            }
            return Of(text, after);
        }

        private static IEnumerable<(string Written, byte Meant)> Begun(string written) =>
            Escapes.Where(escape => escape.Written.StartsWith(written, StringComparison.Ordinal));
    }

    private sealed class Closed : GrammarState
    {
        public static readonly Closed Only = new();

        public override bool CanEnd => true;

        public override GrammarState? Step(byte next) => null;
    }
}
