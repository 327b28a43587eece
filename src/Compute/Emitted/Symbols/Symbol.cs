using System.Buffers.Binary;

namespace Causerie.Compute.Emitted.Symbols;

/// <summary>A vector that is not computed yet: how it would be, operands first.</summary>
/// <remarks>
/// A value like any other vector, so that code written for vectors runs on it as it is and leaves its own description
/// behind: that is how unpacking becomes machine code without being written twice.
/// </remarks>
internal unsafe struct Symbol
{
    private const int Room = 508;
    private const int NumberBytes = sizeof(long);

    private int _length;
    private fixed byte _code[Room];

    /// <summary>Operations with their numbers, in the order in which a stack would take them.</summary>
    public readonly List<(Operation Operation, long Number)> Steps
    {
        get
        {
            var steps = new List<(Operation, long)>();
            fixed (byte* code = _code)
            {
                for (int at = 0; at < _length;)
                {
                    var operation = (Operation)code[at++];
                    bool has = operation.HasNumber();
                    steps.Add((operation, has ? BinaryPrimitives.ReadInt64LittleEndian(new(code + at, NumberBytes)) : 0));
                    at += has ? NumberBytes : 0;
                }
            }

            return steps;
        }
    }

    /// <summary>An operation without vectors.</summary>
    public static Symbol Of(Operation operation, long number)
    {
        var symbol = default(Symbol);
        symbol.Append(operation, number);
        return symbol;
    }

    /// <summary>An operation on this vector.</summary>
    public readonly Symbol With(Operation operation, long number = 0)
    {
        var symbol = this;
        symbol.Append(operation, number);
        return symbol;
    }

    /// <summary>An operation on two vectors.</summary>
    public static Symbol Of(Operation operation, in Symbol a, in Symbol b)
    {
        var symbol = a;
        fixed (byte* code = b._code)
            new ReadOnlySpan<byte>(code, b._length).CopyTo(symbol.Take(b._length));
        symbol.Append(operation, 0);
        return symbol;
    }

    private void Append(Operation operation, long number)
    {
        Take(1)[0] = (byte)operation;
        if (operation.HasNumber())
            BinaryPrimitives.WriteInt64LittleEndian(Take(NumberBytes), number);
    }

    private Span<byte> Take(int bytes)
    {
        if (bytes > Room - _length)
            throw new InvalidOperationException($"A vector takes more than {Room} bytes to describe.");
        var span = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref _code[_length], bytes);
        _length += bytes;
        return span;
    }
}
