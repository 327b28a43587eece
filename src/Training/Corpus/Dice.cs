using System.Numerics;

namespace Causerie.Training.Corpus;

/// <summary>A seeded source of chance that is the same everywhere: xoshiro256** (Blackman and Vigna, 2018).</summary>
public sealed class Dice
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>The dice of a seed.</summary>
    public Dice(ulong seed)
    {
        // SplitMix64 spreads the seed over the state, which may not be zero.
        _a = Mix(seed += Golden);
        _b = Mix(seed += Golden);
        _c = Mix(seed += Golden);
        _d = Mix(seed + Golden) | 1;
    }

    /// <summary>64 bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number from 0 to below <paramref name="below"/>.</summary>
    public int Next(int below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(below, 1);
        return (int)Math.BigMul(NextUInt64(), (ulong)below, out _);
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Dice of their own for item <paramref name="index"/>, whatever was thrown with these.</summary>
    public Dice Fork(ulong index) => new(Mix(_a ^ Mix(index + 0xD1B54A32D192ED03)));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
