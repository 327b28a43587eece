namespace Causerie.Text.Grammars.Schemas;

/// <summary>The JSON texts of the values that a schema allows. Members may come in any order, spaces may stand where JSON has them.</summary>
public sealed class JsonGrammar : Grammar
{
    private readonly Values _values;

    private JsonGrammar(Values values) => _values = values;

    /// <inheritdoc/>
    public override GrammarState Start => new State([new JsonThread.Value(_values, null)]);

    /// <summary>The texts of a schema.</summary>
    /// <param name="schema">A JSON Schema of 2020-12 or draft 7.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="GrammarException">It is malformed, asks for what cannot be enforced, or allows nothing.</exception>
    public static JsonGrammar OfSchema(string schema, SchemaOptions? options = null)
    {
        var reader = new SchemaReader(SchemaDocument.Parse(schema), options ?? new SchemaOptions());
        var compiler = new ShapeCompiler(reader);
        var values = compiler.ValuesOf([reader.Root]);
        compiler.OpenAll();
        return values.IsEmpty ? throw new GrammarException("the schema allows no value.") : new JsonGrammar(values);
    }

    private sealed class State(List<JsonThread> threads) : GrammarState
    {
        private const int Few = 4;
        private const int MostThreads = 20_000;

        public override bool CanEnd => threads.Any(thread => thread.CanEnd);

        internal override IReadOnlyList<GrammarState> Parts => threads.Count == 1 ? [this] : [.. threads.Select(thread => new State([thread]))];

        internal override Masks.TextPlace? InText => threads is [var thread] ? thread switch
        {
            // Items that must differ are compared when they are whole, so that every byte counts.
            JsonThread.Text { Tape: not null } text => new Masks.TextPlace(text.Cursor, null, []) { Walked = this },
            JsonThread.Key { Tape: not null, Cursor: { Others.IsFree: true, Decoder.Place: Json.TextDecoder.Inside.Nothing } cursor } =>
                new Masks.TextPlace(cursor.Others, null, []) { Walked = this },

            // Keys of patterns: what follows hangs on which of them a key is of. Named keys may stand beside them.
            JsonThread.Key { Cursor: { Others: { IsFree: false } others, Decoder.Place: Json.TextDecoder.Inside.Nothing } cursor } key =>
                new Masks.TextPlace(others, null, []) { Walked = this, Also = new State([key with { Cursor = cursor with { Others = null } }]) },
            JsonThread.Text text => new Masks.TextPlace(text.Cursor, text.Closed is { } after ? new State([after]) : null, []),
            JsonThread.Key { Cursor: { Others.IsFree: true, Decoder.Place: Json.TextDecoder.Inside.Nothing } cursor } => OfKey(cursor),
            _ => null,
        } : null;

        internal override int Ways => threads.Count;

        internal override bool TakesDigits(int count)
        {
            foreach (var thread in threads)
            {
                if (thread is JsonThread.Number number && number.TakesDigits(count))
                    return true;
            }
            return false;
        }

        public override GrammarState? Step(byte next)
        {
            var after = new List<JsonThread>();
            foreach (var thread in threads)
            {
                int from = after.Count;
                thread.Step(next, after);
                if (thread.Tape is null)
                    continue;
                for (int i = from; i < after.Count; i++)
                    after[i] = Taped(after[i], next, thread.Tape);
            }
            if (after.Count > Few)
                after = [.. after.Distinct()];
            return after.Count == 0 ? null
                : after.Count > MostThreads ? throw new GrammarException("the schema leaves too many ways open at once.")
                : after.Count == 1 && threads.Count == 1 && ReferenceEquals(after[0], threads[0]) ? this : new State(after);
        }

        /// <summary>A key that may be any: what follows differs after those that rules name, and after those that are there already.</summary>
        private static Masks.TextPlace OfKey(KeyCursor cursor)
        {
            var special = cursor.Frame.Shape.Names.Concat(cursor.Frame.KeysSoFar).Distinct()
                .Where(key => key.StartsWith(cursor.Text, StringComparison.Ordinal))
                .Select(key => (key[cursor.Text.Length..], new State([new JsonThread.Key(cursor with { Text = key, Others = Json.TextCursor.Begin(cursor.Frame.Shape.Others) })]).Step((byte)'"')));
            string unknown = cursor.Text;
            while (cursor.Frame.Shape.Numbers.ContainsKey(unknown) || cursor.Frame.Has(unknown))
                unknown += "?";
            var other = new State([new JsonThread.Key(cursor with { Text = unknown, Decoder = Json.TextDecoder.Between, Others = Json.TextCursor.Begin(cursor.Frame.Shape.Others) })]);
            return new Masks.TextPlace(cursor.Others!, other.Step((byte)'"'), [.. special]);
        }

        /// <summary>Writes the byte on the tape, unless what follows has it already or needs none.</summary>
        private static JsonThread Taped(JsonThread thread, byte next, Tape before) =>
            ReferenceEquals(thread.Tape, before) ? thread with { Tape = new Tape(next, before) } : thread;
    }
}
