using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>One way to read what was written, and what it expects next; it never changes.</summary>
internal abstract partial record JsonThread
{
    private const int MostLines = 2;
    private const int MostBlanks = 20;
    private const int Deepest = 128;

    /// <summary>What was written since an array opened whose items must differ; null while there is none.</summary>
    public Tape? Tape { get; init; }

    /// <summary>Whether the text may end here.</summary>
    public virtual bool CanEnd => false;

    /// <summary>Adds the ways to go on with a byte.</summary>
    public abstract void Step(byte next, List<JsonThread> into);

    /// <summary>A value is whole: its frame goes on.</summary>
    private static JsonThread? After(JsonFrame? frame, Tape? tape) => frame switch
    {
        null => new Done(),
        ArrayFrame array => array.After(tape) is { } after ? new Between(after) { Tape = tape } : null,
        _ => new Between(frame) { Tape = tape },
    };

    /// <summary>The tape with a byte more, where one is written.</summary>
    private Tape? Written(byte next) => Tape is null ? null : new Tape(next, Tape);

    private static void Add(JsonThread? thread, List<JsonThread> into)
    {
        if (thread is not null)
            into.Add(thread);
    }

    /// <summary>A place where spaces may stand: one, or up to two line breaks with what is before the next line.</summary>
    /// <remarks>JSON has no bound; a model that likes spaces would never come to the point.</remarks>
    internal abstract record Spaced : JsonThread
    {
        private int Lines { get; init; }

        private int Blanks { get; init; }

        /// <summary>Whether there may be line breaks.</summary>
        protected virtual bool HasLines => true;

        public sealed override void Step(byte next, List<JsonThread> into)
        {
            if (next == '\n')
            {
                if (HasLines && Blanks == 0 && Lines < MostLines)
                    into.Add(this with { Lines = Lines + 1 });
            }
            else if (next is (byte)' ' or (byte)'\t')
            {
                if (Blanks < (Lines == 0 ? 1 : MostBlanks))
                    into.Add(this with { Blanks = Blanks + 1 });
            }
            else
            {
                Go(next, into);
            }
        }

        /// <summary>Goes on with what is no space.</summary>
        protected abstract void Go(byte next, List<JsonThread> into);
    }

    /// <summary>A value is expected.</summary>
    internal sealed record Value(Values Values, JsonFrame? Frame) : Spaced
    {
        protected override bool HasLines => Frame is not null;

        protected override void Go(byte next, List<JsonThread> into)
        {
            switch ((char)next)
            {
                case '"' when Values.Texts.Count > 0:
                    into.Add(new Text(TextCursor.Begin(Values.Texts), Frame) { Tape = Tape });
                    break;
                case 'n' when Values.Null:
                    into.Add(new Word("null", 1, Frame) { Tape = Tape });
                    break;
                case 't' when Values.True:
                    into.Add(new Word("true", 1, Frame) { Tape = Tape });
                    break;
                case 'f' when Values.False:
                    into.Add(new Word("false", 1, Frame) { Tape = Tape });
                    break;
                case '-' or (>= '0' and <= '9') when Values.Numbers.Count > 0:
                    Add(NumberCursor.Begin(Values.Numbers).Step(next) is { } number ? new Number(number, Frame, Values.Plain) { Tape = Tape } : null, into);
                    break;
                case '{' when (Frame?.Depth ?? 0) < Deepest:
                    foreach (var shape in Values.Objects)
                    {
                        if (shape.IsPossible())
                            into.Add(new Opened(ObjectFrame.Open(shape, Frame)) { Tape = Tape });
                    }
                    break;
                case '[' when (Frame?.Depth ?? 0) < Deepest:
                    foreach (var shape in Values.Arrays)
                    {
                        if (shape.IsPossible())
                            into.Add(new Opened(new ArrayFrame(shape, Frame, 0, 0, null, 0)) { Tape = Tape ?? (shape.IsUnique ? Schemas.Tape.Blank : null) });
                    }
                    break;
            }
        }
    }

    /// <summary>In a text.</summary>
    internal sealed record Text(TextCursor Cursor, JsonFrame? Frame) : JsonThread
    {
        /// <summary>What comes after the closing quote, where no tape is written.</summary>
        public JsonThread? Closed => After(Frame, null);

        public override void Step(byte next, List<JsonThread> into)
        {
            var cursor = Cursor.Step(next, out bool closed);
            if (closed)
                Add(After(Frame, Written(next)), into);
            else if (cursor is not null)
                into.Add(ReferenceEquals(cursor, Cursor) ? this : this with { Cursor = cursor });
        }
    }

    /// <summary>In <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    internal sealed record Word(string Letters, int At, JsonFrame? Frame) : JsonThread
    {
        public override void Step(byte next, List<JsonThread> into)
        {
            if (Letters[At] != next)
                return;
            if (At + 1 < Letters.Length)
                into.Add(this with { At = At + 1 });
            else
                Add(After(Frame, Written(next)), into);
        }
    }

    /// <summary>An object or array has just been opened.</summary>
    internal sealed record Opened(JsonFrame Frame) : Spaced
    {
        protected override void Go(byte next, List<JsonThread> into)
        {
            if (Frame is ObjectFrame o)
            {
                if (next == '}' && o.CanClose)
                    Add(After(o.Outer, Written(next)), into);
                else if (next == '"' && o.CanAdd)
                    into.Add(new Key(KeyCursor.Begin(o)) { Tape = Tape });
            }
            else if (Frame is ArrayFrame array)
            {
                if (next == ']' && array.CanClose)
                    Add(After(array.Outer, Written(next)), into);
                else
                    Items(array, next, Tape, into);
            }
        }
    }

    /// <summary>After a comma.</summary>
    internal sealed record Further(JsonFrame Frame) : Spaced
    {
        protected override void Go(byte next, List<JsonThread> into)
        {
            if (Frame is ArrayFrame array)
            {
                Items(array, next, Tape, into);
            }
            else if (next == '"')
            {
                into.Add(new Key(KeyCursor.Begin((ObjectFrame)Frame)) { Tape = Tape });
            }
        }
    }

    /// <summary>After a member or an item.</summary>
    internal sealed record Between(JsonFrame Frame) : Spaced
    {
        protected override void Go(byte next, List<JsonThread> into)
        {
            bool closes = Frame is ObjectFrame o ? next == '}' && o.CanClose : next == ']' && ((ArrayFrame)Frame).CanClose;
            if (closes)
                Add(After(Frame.Outer, Written(next)), into);
            else if (next == ',' && (Frame is ObjectFrame open ? open.CanAdd : ((ArrayFrame)Frame).Next(0).Any()))
                into.Add(new Further(Frame) { Tape = Tape });
        }
    }

    /// <summary>In a key.</summary>
    internal sealed record Key(KeyCursor Cursor) : JsonThread
    {
        public override void Step(byte next, List<JsonThread> into)
        {
            var cursor = Cursor.Step(next, out bool closed);
            if (cursor is not null)
                into.Add(new Key(cursor) { Tape = Tape });
            if (!closed)
                return;
            foreach (var (values, frame) in Cursor.Frame.With(Cursor.Text))
            {
                if (!values.IsEmpty)
                    into.Add(new Colon(values, frame) { Tape = Tape });
            }
        }
    }

    /// <summary>After a key.</summary>
    internal sealed record Colon(Values Values, ObjectFrame Frame) : Spaced
    {
        protected override void Go(byte next, List<JsonThread> into)
        {
            if (next == ':')
                into.Add(new Value(Values, Frame) { Tape = Tape });
        }
    }

    /// <summary>The outermost value is whole.</summary>
    internal sealed record Done : JsonThread
    {
        public override bool CanEnd => true;

        public override void Step(byte next, List<JsonThread> into)
        {
        }
    }

    private static void Items(ArrayFrame array, byte next, Tape? tape, List<JsonThread> into)
    {
        if (next is not ((byte)'"' or (byte)'{' or (byte)'[' or (byte)'-' or (byte)'n' or (byte)'t' or (byte)'f' or (>= (byte)'0' and <= (byte)'9')))
            return; // no value begins so
        foreach (var (values, frame) in array.Next(tape?.Length ?? 0))
            new Value(values, frame) { Tape = tape }.Step(next, into);
    }
}
