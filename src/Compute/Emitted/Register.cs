namespace Causerie.Compute.Emitted;

/// <summary>The 64-bit registers that emitted code uses; calls do not preserve them.</summary>
internal enum Register
{
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
}

/// <summary>A 512-bit register.</summary>
/// <param name="Number">0 to 31.</param>
internal readonly record struct Zmm(int Number);

/// <summary>A place in memory: a register's address and a fixed distance.</summary>
internal readonly record struct Place(Register Base, int Distance)
{
    public static Place operator +(Place place, int distance) => place with { Distance = place.Distance + distance };
}
