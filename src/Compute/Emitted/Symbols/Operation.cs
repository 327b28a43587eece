namespace Causerie.Compute.Emitted.Symbols;

/// <summary>What a <see cref="Symbol"/> may stand for; operands come before their operation.</summary>
internal enum Operation : byte
{
    /// <summary>Sixteen numbers of 32 bits at a distance from the unit.</summary>
    Load,

    /// <summary>Sixteen numbers of 16 bits, zeros above each.</summary>
    LoadHalves,

    /// <summary>Sixteen bytes, zeros above each.</summary>
    LoadBytes,

    /// <summary>One number in all lanes.</summary>
    Constant,

    /// <summary>Sixteen bytes at an address, by the operand's.</summary>
    Lookup,

    ShiftLeft,
    ShiftRight,
    ShiftRightSigned,
    ToSingle,
    And,
    Or,
    Xor,
    Add,
    Subtract,
    AddSingles,
    Multiply,
}

/// <summary>What the operations are like.</summary>
internal static class Operations
{
    /// <summary>Vectors that it takes.</summary>
    public static int Operands(this Operation operation) => operation switch
    {
        < Operation.Lookup => 0,
        < Operation.And => 1,
        _ => 2,
    };

    /// <summary>Whether a number belongs to it.</summary>
    public static bool HasNumber(this Operation operation) => operation <= Operation.ShiftRightSigned;

    /// <summary>Whether its operands may change places, bit for bit.</summary>
    public static bool Commutes(this Operation operation) =>
        operation is Operation.And or Operation.Or or Operation.Xor or Operation.Add;
}
