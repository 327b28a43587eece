using System.Buffers.Binary;

namespace Causerie.Compute.Emitted;

/// <summary>Writes the x86-64 instructions that the emitted kernels need, under their own mnemonics.</summary>
/// <remarks>
/// Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, 2.7 "Intel AVX-512 encoding" and
/// the instructions' own pages. All vectors have 512 bits and no instruction is masked. A place read by an instruction
/// that takes one number of 32 bits is broadcast to all lanes.
/// </remarks>
internal sealed class Assembler
{
    private readonly List<byte> _code = [];

    /// <summary>Bytes so far: where the next instruction begins.</summary>
    public int Position => _code.Count;

    public byte[] ToArray() => [.. _code];

    /// <summary>Fills up to a multiple of <paramref name="bytes"/> with what must not be run.</summary>
    public void Align(int bytes)
    {
        while (_code.Count % bytes != 0)
            _code.Add(0xCC);
    }

    /// <summary>target = sixteen numbers at <paramref name="source"/>.</summary>
    public void Vmovups(Zmm target, Place source) => Vector(Map.OneByte, Prefix.None, 0x10, target, default, source, 64);

    public void Vmovups(Place target, Zmm source) => Vector(Map.OneByte, Prefix.None, 0x11, source, default, target, 64);

    /// <summary>target = one number at <paramref name="source"/> in all lanes.</summary>
    public void Vpbroadcastd(Zmm target, Place source) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x58, target, default, source, 4);

    public void Vpxord(Zmm target, Zmm a, Zmm b) => Vector(Map.OneByte, Prefix.Bits66, 0xEF, target, a, b);

    public void Vpaddd(Zmm target, Zmm a, Zmm b) => Vector(Map.OneByte, Prefix.Bits66, 0xFE, target, a, b);

    public void Vpsubd(Zmm target, Zmm a, Zmm b) => Vector(Map.OneByte, Prefix.Bits66, 0xFA, target, a, b);

    public void Vpsubd(Zmm target, Zmm a, Place b) => Broadcast(Map.OneByte, Prefix.Bits66, 0xFA, target, a, b);

    /// <summary>target += Σ of four unsigned bytes times four signed ones, in each lane.</summary>
    public void Vpdpbusd(Zmm target, Zmm unsigned, Place signed) =>
        Broadcast(Map.TwoBytes38, Prefix.Bits66, 0x50, target, unsigned, signed);

    /// <summary>target = the i32 of <paramref name="source"/> as f32.</summary>
    public void Vcvtdq2ps(Zmm target, Zmm source) =>
        Vector(Map.OneByte, Prefix.None, 0x5B, target, default, source);

    public void Vmulps(Zmm target, Zmm a, Place b) => Broadcast(Map.OneByte, Prefix.None, 0x59, target, a, b);

    /// <summary>target += a · b, rounded once.</summary>
    public void Vfmadd231ps(Zmm target, Zmm a, Zmm b) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0xB8, target, a, b);

    /// <summary>target += a · b, rounded once.</summary>
    public void Vfmadd231ps(Zmm target, Zmm a, Place b) =>
        Broadcast(Map.TwoBytes38, Prefix.Bits66, 0xB8, target, a, b);

    /// <summary>Leaves the vectors as calls expect them.</summary>
    public void Vzeroupper() => _code.AddRange([0xC5, 0xF8, 0x77]);

    public void Mov(Register target, Register source)
    {
        Rex(source, target);
        _code.Add(0x89);
        ModRm(3, (int)source, (int)target);
    }

    public void Add(Register target, int value)
    {
        Rex(Register.Rax, target);
        bool small = value == (sbyte)value;
        _code.Add((byte)(small ? 0x83 : 0x81));
        ModRm(3, 0, (int)target);
        Number(value, small);
    }

    public void Dec(Register target)
    {
        Rex(Register.Rax, target);
        _code.Add(0xFF);
        ModRm(3, 1, (int)target);
    }

    /// <summary>Goes back to <paramref name="start"/> unless the last result was zero.</summary>
    public void Jnz(int start)
    {
        int near = start - (Position + 2);
        if (near >= sbyte.MinValue)
        {
            _code.Add(0x75);
            Number(near, small: true);
            return;
        }

        int far = start - (Position + 6);
        _code.AddRange([0x0F, 0x85]);
        Number(far, small: false);
    }

    public void Ret() => _code.Add(0xC3);

    private void Broadcast(Map map, Prefix prefix, byte opcode, Zmm register, Zmm second, Place third) =>
        Vector(map, prefix, opcode, register, second, third, 4, broadcast: true);

    private void Vector(Map map, Prefix prefix, byte opcode, Zmm register, Zmm second, Zmm third)
    {
        // A third register's fifth bit stands where an index register's fourth would.
        Evex(map, prefix, register.Number, second.Number, third.Number, third.Number >> 4, broadcast: false);
        _code.Add(opcode);
        ModRm(3, register.Number, third.Number);
    }

    private void Vector(
        Map map, Prefix prefix, byte opcode, Zmm register, Zmm second, Place third, int unit, bool broadcast = false)
    {
        Evex(map, prefix, register.Number, second.Number, (int)third.Base, 0, broadcast);
        _code.Add(opcode);

        // A short distance counts in units of what is read.
        int units = third.Distance / unit;
        bool small = third.Distance % unit == 0 && units == (sbyte)units;
        int mode = third.Distance == 0 ? 0 : small ? 1 : 2;
        ModRm(mode, register.Number, (int)third.Base);
        if (mode != 0)
            Number(small ? units : third.Distance, small);
    }

    /// <summary>The four bytes before the opcode; register bits above the third are stored inverted.</summary>
    private void Evex(Map map, Prefix prefix, int register, int second, int third, int thirdHigh, bool broadcast)
    {
        const int Bits512 = 0x40;
        _code.Add(0x62);
        _code.Add((byte)(
            Inverted(register >> 3, 7) | Inverted(thirdHigh, 6) | Inverted(third >> 3, 5) | Inverted(register >> 4, 4)
            | (int)map));
        _code.Add((byte)((~second & 15) << 3 | 4 | (int)prefix));
        _code.Add((byte)(Bits512 | (broadcast ? 0x10 : 0) | Inverted(second >> 4, 3)));
    }

    private static int Inverted(int bit, int place) => (~bit & 1) << place;

    private void Rex(Register register, Register target) =>
        _code.Add((byte)(0x48 | ((int)register >> 3 << 2) | ((int)target >> 3)));

    private void ModRm(int mode, int register, int target) =>
        _code.Add((byte)((mode << 6) | ((register & 7) << 3) | (target & 7)));

    private void Number(int value, bool small)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes[..(small ? 1 : 4)]);
    }

    /// <summary>Which table of opcodes.</summary>
    private enum Map
    {
        OneByte = 1, // 0F
        TwoBytes38 = 2, // 0F 38
    }

    private enum Prefix
    {
        None = 0,
        Bits66 = 1,
    }
}
