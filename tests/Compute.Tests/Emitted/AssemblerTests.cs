using System.Globalization;
using System.Text.Json;
using Causerie.Compute.Emitted;

namespace Causerie.Compute.Tests.Emitted;

/// <summary>Every instruction is the bytes that GNU as makes of it, with each register in each place.</summary>
public sealed class AssemblerTests
{
    [Fact]
    public void Instructions_have_the_bytes_that_gnu_as_gives_them()
    {
        using var stream = typeof(AssemblerTests).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith("encodings.json", StringComparison.Ordinal))
            .Select(typeof(AssemblerTests).Assembly.GetManifestResourceStream).Single()!;
        string[][] entries = JsonSerializer.Deserialize<string[][]>(stream)!;
        Assert.True(entries.Length > 400);
        foreach (string[] entry in entries)
        {
            var code = new Assembler();
            Assemble(code, entry[0], entry[1].Length / 2);
            Assert.Equal($"{entry[0]}: {entry[1]}", $"{entry[0]}: {Convert.ToHexStringLower(code.ToArray())}");
        }
    }

    private static void Assemble(Assembler code, string text, int length)
    {
        string mnemonic = text.Split(' ')[0];
        string[] operands = [.. text[mnemonic.Length..].Split(',', StringSplitOptions.TrimEntries)];
        Zmm Vector(int i) => new(int.Parse(operands[i].AsSpan(3), CultureInfo.InvariantCulture));
        Register General(int i) => Enum.Parse<Register>(operands[i], ignoreCase: true);
        int Value(int i) => int.Parse(operands[i], CultureInfo.InvariantCulture);
        bool InMemory(int i) => operands[i].Contains('[');
        Place At(int i) => PlaceOf(operands[i], length);
        Source Any(int i) => !InMemory(i) ? Vector(i) : operands[i].Contains('{') ? Source.SpreadFrom(At(i)) : Source.At(At(i));
        switch (mnemonic)
        {
            case "vmovups" when InMemory(0): code.Vmovups(At(0), Vector(1)); break;
            case "vmovups": code.Vmovups(Vector(0), At(1)); break;
            case "vpbroadcastd": code.Vpbroadcastd(Vector(0), At(1)); break;
            case "vbroadcasti32x4": code.Vbroadcasti32x4(Vector(0), At(1)); break;
            case "vpmovzxbd": code.Vpmovzxbd(Vector(0), At(1)); break;
            case "vpmovzxwd": code.Vpmovzxwd(Vector(0), At(1)); break;
            case "vpandd": code.Vpandd(Vector(0), Vector(1), Any(2)); break;
            case "vpord": code.Vpord(Vector(0), Vector(1), Any(2)); break;
            case "vpxord": code.Vpxord(Vector(0), Vector(1), Any(2)); break;
            case "vpaddd": code.Vpaddd(Vector(0), Vector(1), Any(2)); break;
            case "vpsubd": code.Vpsubd(Vector(0), Vector(1), Any(2)); break;
            case "vaddps": code.Vaddps(Vector(0), Vector(1), Any(2)); break;
            case "vmulps": code.Vmulps(Vector(0), Vector(1), Any(2)); break;
            case "vpdpbusd": code.Vpdpbusd(Vector(0), Vector(1), Any(2)); break;
            case "vfmadd231ps": code.Vfmadd231ps(Vector(0), Vector(1), Any(2)); break;
            case "vpslld": code.Vpslld(Vector(0), Vector(1), Value(2)); break;
            case "vpsrld": code.Vpsrld(Vector(0), Vector(1), Value(2)); break;
            case "vpsrad": code.Vpsrad(Vector(0), Vector(1), Value(2)); break;
            case "vpshufb": code.Vpshufb(Vector(0), Vector(1), Vector(2)); break;
            case "vcvtdq2ps": code.Vcvtdq2ps(Vector(0), Vector(1)); break;
            case "prefetcht1": code.Prefetcht1(At(0)); break;
            case "mov": code.Mov(General(0), General(1)); break;
            case "add": code.Add(General(0), Value(1)); break;
            case "dec": code.Dec(General(0)); break;
            case "jnz": code.Jnz(int.Parse(operands[0].AsSpan(1), CultureInfo.InvariantCulture)); break;
            case "vzeroupper": code.Vzeroupper(); break;
            case "ret": code.Ret(); break;
            default: throw new ArgumentException($"No method for {text}.", nameof(text));
        }
    }

    // "dword ptr [rax-12]{1to16}"; from rip, GNU as counts from the next instruction.
    private static Place PlaceOf(string text, int length)
    {
        string inner = text.Split('[', ']')[1];
        int sign = inner.IndexOfAny(['+', '-']);
        var register = Enum.Parse<Register>(sign < 0 ? inner : inner[..sign], ignoreCase: true);
        int distance = sign < 0 ? 0 : int.Parse(inner.AsSpan(sign), CultureInfo.InvariantCulture);
        return new Place(register, distance + (register == Register.Rip ? length : 0));
    }
}
