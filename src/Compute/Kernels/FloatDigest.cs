using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Causerie.Compute.Kernels;

/// <summary>Tells whether numbers are the same bit for bit, without keeping them: XXH3 of all that were added.</summary>
/// <remarks>Found by chance never, by intent perhaps: who must trust it computes the numbers again.</remarks>
public sealed class FloatDigest
{
    private readonly XxHash128 _hash = new();

    /// <summary>Adds numbers in order.</summary>
    public void Add(ReadOnlySpan<float> values) => _hash.Append(MemoryMarshal.AsBytes(values));

    /// <summary>The digest of what was added so far.</summary>
    public UInt128 Current => _hash.GetCurrentHashAsUInt128();

    /// <summary>32 hexadecimal digits for what was added so far.</summary>
    public override string ToString() => Text(Current);

    /// <summary>A digest as 32 hexadecimal digits.</summary>
    public static string Text(UInt128 digest) => digest.ToString("x32", CultureInfo.InvariantCulture);
}
