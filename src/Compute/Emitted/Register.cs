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
    R10 = 10,
    R11 = 11,

    /// <summary>The next instruction: a place's distance then counts from the start of the code.</summary>
    Rip = 32,
}

/// <summary>A 512-bit register.</summary>
/// <param name="Number">0 to 31.</param>
internal readonly record struct Zmm(int Number);

/// <summary>A place in memory: a register's address and a fixed distance.</summary>
internal readonly record struct Place(Register Base, int Distance)
{
    public static Place operator +(Place place, int distance) => place with { Distance = place.Distance + distance };
}

/// <summary>What an instruction may read last: a register, sixteen numbers in memory, or one there for all lanes.</summary>
internal readonly record struct Source
{
    private Source(Zmm register, Place place, bool inMemory, bool spread) =>
        (Register, Place, InMemory, Spread) = (register, place, inMemory, spread);

    public Zmm Register { get; }

    public Place Place { get; }

    public bool InMemory { get; }

    /// <summary>Whether one number of 32 bits stands for all lanes.</summary>
    public bool Spread { get; }

    public static implicit operator Source(Zmm register) => new(register, default, false, false);

    public static Source At(Place place) => new(default, place, true, false);

    public static Source SpreadFrom(Place place) => new(default, place, true, true);
}
