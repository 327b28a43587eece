namespace Causerie.Compute.Lanes;

/// <summary>
/// The instructions that kernels are written in, over a vector that holds 32 bits of each of several rows.
/// </summary>
/// <remarks>
/// A weight matrix is processed some rows at a time, one row a lane, so every lane sees the same operations in the
/// same order whatever the width: all implementations give the same bits, and so do one column and many.
/// The vector is a type parameter of its own because the JIT keeps a bare Vector512 in registers better than a
/// struct around one.
/// </remarks>
/// <typeparam name="TVector"><see cref="Rows"/> lanes: four bytes, two shorts, an int or a float each.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Lanes in the vector.</summary>
    static abstract int Rows { get; }

    static abstract TVector Load(void* source);

    static abstract void Store(void* target, TVector value);

    static abstract TVector Broadcast(uint value);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    static abstract TVector ShiftLeft(TVector a, int count);

    static abstract TVector ShiftRight(TVector a, int count);

    static abstract TVector ShiftRightSigned(TVector a, int count);

    /// <summary>a + b, as i32.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a − b, as i32.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a + b, as i16, wrapping.</summary>
    static abstract TVector AddShorts(TVector a, TVector b);

    /// <summary>i16 sums of two neighbouring products u8 · i8; the caller keeps them within 16 bits.</summary>
    static abstract TVector MultiplyAddBytes(TVector unsigned, TVector signed);

    /// <summary>i32 sums of two neighbouring products i16 · i16.</summary>
    static abstract TVector MultiplyAddShorts(TVector a, TVector b);

    /// <summary>table[nibble] for each byte, which is below 16.</summary>
    static abstract TVector Lookup(byte* table, TVector nibbles);

    /// <summary>i32 to f32, rounded to nearest even.</summary>
    static abstract TVector ToSingle(TVector a);

    /// <summary>a + b, as f32.</summary>
    static abstract TVector AddSingles(TVector a, TVector b);

    /// <summary>a · b, as f32.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, as f32, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>As many 16-bit numbers as lanes, zeros above each.</summary>
    static abstract TVector LoadHalves(byte* source);

    /// <summary>As many bytes as lanes, zeros above each.</summary>
    static abstract TVector LoadBytes(byte* source);
}
