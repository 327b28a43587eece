using Causerie.Compute.Lanes;

namespace Causerie.Compute.Emitted.Symbols;

/// <summary>Describes what <see cref="Lanes512"/> would compute; addresses are distances from a unit that lies at zero.</summary>
internal readonly unsafe struct SymbolLanes : ILanes<Symbol>
{
    public static int Rows => 16;

    public static Symbol Load(void* source) => Symbol.Of(Operation.Load, (nint)source);

    public static Symbol LoadHalves(byte* source) => Symbol.Of(Operation.LoadHalves, (nint)source);

    public static Symbol LoadBytes(byte* source) => Symbol.Of(Operation.LoadBytes, (nint)source);

    public static Symbol Broadcast(uint value) => Symbol.Of(Operation.Constant, value);

    public static Symbol And(Symbol a, Symbol b) => Symbol.Of(Operation.And, a, b);

    public static Symbol Or(Symbol a, Symbol b) => Symbol.Of(Operation.Or, a, b);

    public static Symbol Xor(Symbol a, Symbol b) => Symbol.Of(Operation.Xor, a, b);

    public static Symbol ShiftLeft(Symbol a, int count) => count == 0 ? a : a.With(Operation.ShiftLeft, count);

    public static Symbol ShiftRight(Symbol a, int count) => count == 0 ? a : a.With(Operation.ShiftRight, count);

    public static Symbol ShiftRightSigned(Symbol a, int count) =>
        count == 0 ? a : a.With(Operation.ShiftRightSigned, count);

    public static Symbol Add(Symbol a, Symbol b) => Symbol.Of(Operation.Add, a, b);

    public static Symbol Subtract(Symbol a, Symbol b) => Symbol.Of(Operation.Subtract, a, b);

    public static Symbol Lookup(byte* table, Symbol nibbles) => nibbles.With(Operation.Lookup, (nint)table);

    public static Symbol ToSingle(Symbol a) => a.With(Operation.ToSingle);

    public static Symbol AddSingles(Symbol a, Symbol b) => Symbol.Of(Operation.AddSingles, a, b);

    public static Symbol Multiply(Symbol a, Symbol b) => Symbol.Of(Operation.Multiply, a, b);

    public static void Store(void* target, Symbol value) => throw Needless();

    public static Symbol AddShorts(Symbol a, Symbol b) => throw Needless();

    public static Symbol MultiplyAddBytes(Symbol unsigned, Symbol signed) => throw Needless();

    public static Symbol MultiplyAddShorts(Symbol a, Symbol b) => throw Needless();

    public static Symbol MultiplyAdd(Symbol a, Symbol b, Symbol c) => throw Needless();

    private static NotSupportedException Needless() => new("No weights are unpacked with this; add the operation.");
}
