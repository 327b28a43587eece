using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <content>Numbers.</content>
internal abstract partial record JsonThread
{
    private const int LongNumber = 64;

    /// <summary>In a number.</summary>
    internal sealed record Number(NumberCursor Cursor, JsonFrame? Frame, bool Plain) : JsonThread
    {
        public override bool CanEnd => Frame is null && Cursor.CanEnd;

        private int Length { get; init; } = 1;

        private bool InExponent { get; init; }

        private int Zeros { get; init; } // of the exponent, before any other digit

        public override void Step(byte next, List<JsonThread> into)
        {
            if (!IsIdle(next) && Cursor.Step(next) is { } cursor)
            {
                bool exponent = InExponent || next is (byte)'e' or (byte)'E';
                into.Add(this with
                {
                    Cursor = cursor,
                    Length = Length + 1,
                    InExponent = exponent,
                    Zeros = !exponent ? 0 : next == '0' && Zeros >= 0 ? Zeros + 1 : next is >= (byte)'1' and <= (byte)'9' ? -1 : Zeros,
                });
            }
            else if (Frame is not null && Cursor.CanEnd)
                After(Frame, Tape)?.Step(next, into);
        }

        /// <summary>Whether it is known that any digits may come, so many or fewer.</summary>
        public bool TakesDigits(int count) => !InExponent && Length + count <= LongNumber && Cursor.TakesDigits(count);

        // Digits without end say nothing more; a number that is not yet whole can always be written in fewer.
        private bool IsIdle(byte next) => Plain
            ? next is (byte)'.' or (byte)'e' or (byte)'E' || (Length >= LongNumber && Cursor.CanEnd)
            : InExponent ? next == '0' && Zeros >= 1
            : Length >= LongNumber && (Cursor.CanEnd || next == '0');
    }
}
