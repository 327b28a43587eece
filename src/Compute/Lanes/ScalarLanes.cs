namespace Causerie.Compute.Lanes;

/// <summary>
/// One row at a time, in plain arithmetic: what runs where there are no vectors, and the oracle of those that have.
/// </summary>
internal readonly unsafe struct ScalarLanes : ILanes<uint>
{
    public static int Rows => 1;

    public static uint Load(void* source) => *(uint*)source;

    public static void Store(void* target, uint value) => *(uint*)target = value;

    public static uint Broadcast(uint value) => value;

    public static uint And(uint a, uint b) => a & b;

    public static uint Or(uint a, uint b) => a | b;

    public static uint Xor(uint a, uint b) => a ^ b;

    public static uint ShiftLeft(uint a, int count) => a << count;

    public static uint ShiftRight(uint a, int count) => a >> count;

    public static uint ShiftRightSigned(uint a, int count) => (uint)((int)a >> count);

    public static uint Add(uint a, uint b) => a + b;

    public static uint Subtract(uint a, uint b) => a - b;

    public static uint AddShorts(uint a, uint b) => (ushort)(a + b) | (((a >> 16) + (b >> 16)) << 16);

    public static uint MultiplyAddBytes(uint unsigned, uint signed)
    {
        int low = ((byte)unsigned * (sbyte)signed) + ((byte)(unsigned >> 8) * (sbyte)(signed >> 8));
        int high = ((byte)(unsigned >> 16) * (sbyte)(signed >> 16)) + ((byte)(unsigned >> 24) * (sbyte)(signed >> 24));
        return (ushort)low | ((uint)high << 16);
    }

    public static uint MultiplyAddShorts(uint a, uint b) =>
        (uint)(((short)a * (short)b) + ((short)(a >> 16) * (short)(b >> 16)));

    public static uint Lookup(byte* table, uint nibbles) =>
        table[nibbles & 15] | ((uint)table[nibbles >> 8 & 15] << 8) |
        ((uint)table[nibbles >> 16 & 15] << 16) | ((uint)table[nibbles >> 24 & 15] << 24);

    public static uint ToSingle(uint a) => BitConverter.SingleToUInt32Bits((int)a);

    public static uint AddSingles(uint a, uint b) => BitConverter.SingleToUInt32Bits(Single(a) + Single(b));

    public static uint Multiply(uint a, uint b) => BitConverter.SingleToUInt32Bits(Single(a) * Single(b));

    public static uint MultiplyAdd(uint a, uint b, uint c) =>
        BitConverter.SingleToUInt32Bits(MathF.FusedMultiplyAdd(Single(a), Single(b), Single(c)));

    public static uint LoadHalves(byte* source) => *(ushort*)source;

    public static uint LoadBytes(byte* source) => *source;

    private static float Single(uint bits) => BitConverter.UInt32BitsToSingle(bits);
}
