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
            Assemble(code, entry[0]);
            Assert.Equal($"{entry[0]}: {entry[1]}", $"{entry[0]}: {Convert.ToHexStringLower(code.ToArray())}");
        }
    }

    [Fact]
    public void A_kernel_longer_than_its_slot_would_be_refused_and_none_is()
    {
        byte[] code = EmittedKernels.Write();
        Assert.InRange(code.Length, 15 * 512, 16 * 512);
    }

    private static void Assemble(Assembler code, string text)
    {
        string mnemonic = text.Split(' ')[0];
        string[] operands = [.. text[mnemonic.Length..].Split(',', StringSplitOptions.TrimEntries)];
        Zmm Vector(int i) => new(int.Parse(operands[i].AsSpan(3), CultureInfo.InvariantCulture));
        Register General(int i) => Enum.Parse<Register>(operands[i], ignoreCase: true);
        int Value(int i) => int.Parse(operands[i], CultureInfo.InvariantCulture);
        bool InMemory(int i) => operands[i].Contains('[');
        switch (mnemonic)
        {
            case "vmovups" when InMemory(0): code.Vmovups(Place(operands[0]), Vector(1)); break;
            case "vmovups": code.Vmovups(Vector(0), Place(operands[1])); break;
            case "vpbroadcastd": code.Vpbroadcastd(Vector(0), Place(operands[1])); break;
            case "vpxord": code.Vpxord(Vector(0), Vector(1), Vector(2)); break;
            case "vpaddd": code.Vpaddd(Vector(0), Vector(1), Vector(2)); break;
            case "vpsubd" when InMemory(2): code.Vpsubd(Vector(0), Vector(1), Place(operands[2])); break;
            case "vpsubd": code.Vpsubd(Vector(0), Vector(1), Vector(2)); break;
            case "vpdpbusd": code.Vpdpbusd(Vector(0), Vector(1), Place(operands[2])); break;
            case "vmulps": code.Vmulps(Vector(0), Vector(1), Place(operands[2])); break;
            case "vcvtdq2ps": code.Vcvtdq2ps(Vector(0), Vector(1)); break;
            case "vfmadd231ps" when InMemory(2): code.Vfmadd231ps(Vector(0), Vector(1), Place(operands[2])); break;
            case "vfmadd231ps": code.Vfmadd231ps(Vector(0), Vector(1), Vector(2)); break;
            case "mov": code.Mov(General(0), General(1)); break;
            case "add": code.Add(General(0), Value(1)); break;
            case "dec": code.Dec(General(0)); break;
            case "jnz": code.Jnz(int.Parse(operands[0].AsSpan(1), CultureInfo.InvariantCulture)); break;
            case "vzeroupper": code.Vzeroupper(); break;
            case "ret": code.Ret(); break;
            default: throw new ArgumentException($"No method for {text}.", nameof(text));
        }
    }

    // "dword ptr [rax-12]{1to16}"
    private static Place Place(string text)
    {
        string inner = text.Split('[', ']')[1];
        int sign = inner.IndexOfAny(['+', '-']);
        return sign < 0
            ? new Place(Enum.Parse<Register>(inner, ignoreCase: true), 0)
            : new Place(
                Enum.Parse<Register>(inner[..sign], ignoreCase: true),
                int.Parse(inner.AsSpan(sign), CultureInfo.InvariantCulture));
    }
}
