using System.Buffers.Binary;

namespace Causerie.Compute.Emitted;

/// <summary>Writes the x86-64 instructions that the emitted kernels need, under their own mnemonics.</summary>
/// <remarks>
/// Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, 2.7 "Intel AVX-512 encoding" and
/// the instructions' own pages. All vectors have 512 bits and no instruction is masked. A distance from
/// <see cref="Register.Rip"/> counts from the start of the code.
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

    /// <summary>Bytes that are read, not run.</summary>
    public void Data(ReadOnlySpan<byte> bytes) => _code.AddRange(bytes);

    /// <summary>target = sixteen numbers at <paramref name="source"/>.</summary>
    public void Vmovups(Zmm target, Place source) => Vector(Map.OneByte, Prefix.None, 0x10, target, default, source, 64);

    public void Vmovups(Place target, Zmm source) => Vector(Map.OneByte, Prefix.None, 0x11, source, default, target, 64);

    /// <summary>target = one number at <paramref name="source"/> in all lanes.</summary>
    public void Vpbroadcastd(Zmm target, Place source) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x58, target, default, source, 4);

    /// <summary>target = sixteen bytes at <paramref name="source"/>, four times.</summary>
    public void Vbroadcasti32x4(Zmm target, Place source) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x5A, target, default, source, 16);

    /// <summary>target = sixteen bytes at <paramref name="source"/>, zeros above each.</summary>
    public void Vpmovzxbd(Zmm target, Place source) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x31, target, default, source, 16);

    /// <summary>target = sixteen numbers of 16 bits at <paramref name="source"/>, zeros above each.</summary>
    public void Vpmovzxwd(Zmm target, Place source) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x33, target, default, source, 32);

    public void Vpandd(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.Bits66, 0xDB, target, a, b);

    public void Vpord(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.Bits66, 0xEB, target, a, b);

    public void Vpxord(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.Bits66, 0xEF, target, a, b);

    public void Vpaddd(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.Bits66, 0xFE, target, a, b);

    public void Vpsubd(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.Bits66, 0xFA, target, a, b);

    /// <summary>target = a shifted to the left by <paramref name="count"/>, in each lane.</summary>
    public void Vpslld(Zmm target, Zmm a, int count) => Shift(6, target, a, count);

    public void Vpsrld(Zmm target, Zmm a, int count) => Shift(2, target, a, count);

    /// <summary>The same with copies of the sign.</summary>
    public void Vpsrad(Zmm target, Zmm a, int count) => Shift(4, target, a, count);

    /// <summary>target = table[index] of sixteen bytes, for each byte.</summary>
    public void Vpshufb(Zmm target, Zmm table, Zmm indices) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x00, target, table, indices);

    /// <summary>target += Σ of four unsigned bytes times four signed ones, in each lane.</summary>
    public void Vpdpbusd(Zmm target, Zmm unsigned, Source signed) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0x50, target, unsigned, signed);

    /// <summary>target = the i32 of <paramref name="source"/> as f32.</summary>
    public void Vcvtdq2ps(Zmm target, Zmm source) =>
        Vector(Map.OneByte, Prefix.None, 0x5B, target, default, source);

    public void Vaddps(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.None, 0x58, target, a, b);

    public void Vmulps(Zmm target, Zmm a, Source b) => Vector(Map.OneByte, Prefix.None, 0x59, target, a, b);

    /// <summary>target += a · b, rounded once.</summary>
    public void Vfmadd231ps(Zmm target, Zmm a, Source b) =>
        Vector(Map.TwoBytes38, Prefix.Bits66, 0xB8, target, a, b);

    /// <summary>Asks for a line of memory in the second-level cache.</summary>
    public void Prefetcht1(Place line)
    {
        if ((int)line.Base >= 8)
            _code.Add(0x41);
        _code.AddRange([0x0F, 0x18]);
        Memory(2, line, unit: 1);
    }

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

    /// <summary>The register of a shift by a constant stands where others have their second one.</summary>
    private void Shift(int kind, Zmm target, Zmm a, int count)
    {
        Vector(Map.OneByte, Prefix.Bits66, 0x72, new Zmm(kind), target, a);
        _code.Add((byte)count);
    }

    private void Vector(Map map, Prefix prefix, byte opcode, Zmm register, Zmm second, Source third)
    {
        if (third.InMemory)
            Vector(map, prefix, opcode, register, second, third.Place, third.Spread ? 4 : 64, third.Spread);
        else
            Vector(map, prefix, opcode, register, second, third.Register);
    }

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
        int address = third.Base == Register.Rip ? 0 : (int)third.Base;
        Evex(map, prefix, register.Number, second.Number, address, 0, broadcast);
        _code.Add(opcode);
        Memory(register.Number, third, unit);
    }

    /// <summary>The bytes that name a place; a short distance counts in units of what is read.</summary>
    private void Memory(int register, Place place, int unit)
    {
        if (place.Base == Register.Rip)
        {
            ModRm(0, register, 5);
            Number(place.Distance - (Position + 4), small: false);
            return;
        }

        int units = place.Distance / unit;
        bool small = place.Distance % unit == 0 && units == (sbyte)units;
        int mode = place.Distance == 0 ? 0 : small ? 1 : 2;
        ModRm(mode, register, (int)place.Base);
        if (mode != 0)
            Number(small ? units : place.Distance, small);
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
