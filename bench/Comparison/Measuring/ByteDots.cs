using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>Chains of 8-bit multiply-adds by the best instruction for them that this process may run.</summary>
/// <param name="Name">The instruction and its width.</param>
/// <param name="Products">Multiply-adds of one round.</param>
/// <param name="Run">Runs so many rounds.</param>
internal sealed record ByteDots(string Name, int Products, Action<int> Run)
{
    private const int Chains = 12; // More than any processor's latency times its units.

    /// <summary>The best here; null where there is none.</summary>
    public static ByteDots? Best() => Emitted() ??
        (AvxVnni.IsSupported ? new ByteDots("vpdpbusd, 256 bits", Chains * 32, Dots256)
        : Avx512BW.IsSupported ? new ByteDots("vpmaddubsw, 512 bits", Chains * 64, Pairs512)
        : Avx2.IsSupported ? new ByteDots("vpmaddubsw, 256 bits", Chains * 32, Pairs256)
        : null);

    /// <summary>AVX-512 VNNI, which .NET does not offer: its loop is written as machine code.</summary>
    private static unsafe ByteDots? Emitted()
    {
        const int Vnni = 1 << 11; // of CPUID 7's ECX
        if (!OperatingSystem.IsLinux() || !Avx512BW.IsSupported || (X86Base.CpuId(7, 0).Ecx & Vnni) == 0)
            return null;
        byte[] code = Code();
        nint pages = Map(0, (nuint)code.Length, 3, 0x22, -1, 0); // readable and writable; private, of no file
        if (pages == -1)
            return null;
        Marshal.Copy(code, 0, pages, code.Length);
        if (Protect(pages, (nuint)code.Length, 5) != 0) // readable and executable
            return null;
        return new ByteDots(
            "vpdpbusd, 512 bits", Chains * 64,
            rounds => ((delegate* unmanaged<long, int, int, void>)pages)(rounds, 0x03050709, 0x0B0D0204));
    }

    /// <summary>rdi rounds of <c>vpdpbusd zmm0…11, zmm30, zmm31</c>; esi and edx are what is multiplied.</summary>
    private static byte[] Code()
    {
        var code = new List<byte>();
        Vector(0x7C, 30, 0, 6); // vpbroadcastd zmm30, esi
        Vector(0x7C, 31, 0, 2); // vpbroadcastd zmm31, edx
        int start = code.Count;
        for (int chain = 0; chain < Chains; chain++)
            Vector(0x50, chain, 30, 31);
        code.AddRange([0x48, 0xFF, 0xCF]); // dec rdi
        code.AddRange([0x75, (byte)(start - (code.Count + 2))]); // jnz start
        code.AddRange([0xC5, 0xF8, 0x77, 0xC3]); // vzeroupper; ret
        return [.. code];

        // EVEX.512.66.0F38.W0: register bits above the third are stored inverted.
        void Vector(byte opcode, int target, int second, int third) => code.AddRange(
        [
            0x62,
            (byte)(Not(target, 3) << 7 | Not(third, 4) << 6 | Not(third, 3) << 5 | Not(target, 4) << 4 | 2),
            (byte)((~second & 15) << 3 | 4 | 1),
            (byte)(0x40 | Not(second, 4) << 3),
            opcode,
            (byte)(0xC0 | (target & 7) << 3 | (third & 7)),
        ]);

        static int Not(int register, int bit) => ~(register >> bit) & 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Dots256(int rounds)
    {
        var x = Vector256.Create((byte)3);
        var y = Vector256.Create((sbyte)-5);
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<int> g = default, h = default, i = default, j = default, k = default, l = default;
        for (int r = 0; r < rounds; r++)
        {
            (a, b, c) = (Dot(a), Dot(b), Dot(c));
            (d, e, f) = (Dot(d), Dot(e), Dot(f));
            (g, h, i) = (Dot(g), Dot(h), Dot(i));
            (j, k, l) = (Dot(j), Dot(k), Dot(l));
        }

        GC.KeepAlive(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Dot(Vector256<int> sum) => AvxVnni.MultiplyWideningAndAdd(sum, x, y);
    }

    /// <summary>Products of bytes in pairs, each chain fed by its own result so that no product can be left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pairs512(int rounds)
    {
        var y = Vector512.Create((sbyte)-5);
        var a = Vector512.Create((short)0x0103);
        var (b, c, d, e, f) = (a, a, a, a, a);
        var (g, h, i, j, k, l) = (a, a, a, a, a, a);
        for (int r = 0; r < rounds; r++)
        {
            a = Avx512BW.MultiplyAddAdjacent(a.AsByte(), y);
            b = Avx512BW.MultiplyAddAdjacent(b.AsByte(), y);
            c = Avx512BW.MultiplyAddAdjacent(c.AsByte(), y);
            d = Avx512BW.MultiplyAddAdjacent(d.AsByte(), y);
            e = Avx512BW.MultiplyAddAdjacent(e.AsByte(), y);
            f = Avx512BW.MultiplyAddAdjacent(f.AsByte(), y);
            g = Avx512BW.MultiplyAddAdjacent(g.AsByte(), y);
            h = Avx512BW.MultiplyAddAdjacent(h.AsByte(), y);
            i = Avx512BW.MultiplyAddAdjacent(i.AsByte(), y);
            j = Avx512BW.MultiplyAddAdjacent(j.AsByte(), y);
            k = Avx512BW.MultiplyAddAdjacent(k.AsByte(), y);
            l = Avx512BW.MultiplyAddAdjacent(l.AsByte(), y);
        }

        GC.KeepAlive(Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    /// <summary>The same in 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Pairs256(int rounds)
    {
        var y = Vector256.Create((sbyte)-5);
        var a = Vector256.Create((short)0x0103);
        var (b, c, d, e, f) = (a, a, a, a, a);
        var (g, h, i, j, k, l) = (a, a, a, a, a, a);
        for (int r = 0; r < rounds; r++)
        {
            a = Avx2.MultiplyAddAdjacent(a.AsByte(), y);
            b = Avx2.MultiplyAddAdjacent(b.AsByte(), y);
            c = Avx2.MultiplyAddAdjacent(c.AsByte(), y);
            d = Avx2.MultiplyAddAdjacent(d.AsByte(), y);
            e = Avx2.MultiplyAddAdjacent(e.AsByte(), y);
            f = Avx2.MultiplyAddAdjacent(f.AsByte(), y);
            g = Avx2.MultiplyAddAdjacent(g.AsByte(), y);
            h = Avx2.MultiplyAddAdjacent(h.AsByte(), y);
            i = Avx2.MultiplyAddAdjacent(i.AsByte(), y);
            j = Avx2.MultiplyAddAdjacent(j.AsByte(), y);
            k = Avx2.MultiplyAddAdjacent(k.AsByte(), y);
            l = Avx2.MultiplyAddAdjacent(l.AsByte(), y);
        }

        GC.KeepAlive(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [DllImport("libc", EntryPoint = "mmap"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Protect(nint address, nuint bytes, int protection);
}
