namespace Causerie.Inference.KvCache;

/// <summary>How the keys and values of a sequence are kept in memory.</summary>
public enum KvElement
{
    /// <summary>IEEE half precision: half the memory, with errors far below those of quantised weights.</summary>
    F16,

    /// <summary>IEEE single precision: exact, for comparisons.</summary>
    F32,

    /// <summary>Eight bits, with a scale in half precision for 32 elements of a head: about half the memory of F16.</summary>
    Q8_0,
}
