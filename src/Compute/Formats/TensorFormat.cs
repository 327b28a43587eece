using System.Collections.Immutable;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Formats;

/// <summary>
/// One tensor encoding of GGUF: how a run of weights is laid out in bytes and turned back into numbers.
/// </summary>
/// <remarks>Subclasses of this assembly are found by themselves: a new encoding is one file in this folder.</remarks>
public abstract class TensorFormat
{
    /// <summary>All encodings, by <see cref="Id"/>.</summary>
    public static ImmutableSortedDictionary<int, TensorFormat> All { get; } =
        typeof(TensorFormat).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(TensorFormat)) && !type.IsAbstract)
            .Select(type => (TensorFormat)Activator.CreateInstance(type, nonPublic: true)!)
            .ToImmutableSortedDictionary(format => format.Id, format => format);

    /// <summary>GGUF's number for the encoding (<c>ggml_type</c>).</summary>
    public abstract int Id { get; }

    /// <summary>GGUF's name for the encoding, such as <c>Q4_K</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Weights in one block; a row's length is a multiple of it.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Bytes of one block.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Bytes of <paramref name="count"/> weights, a multiple of <see cref="BlockLength"/>.</summary>
    /// <exception cref="OverflowException">The product exceeds 64 bits.</exception>
    public long BytesFor(long count) => checked(count / BlockLength * BlockBytes);

    /// <summary>Turns whole blocks into f32 weights; the reference that every kernel is tested against.</summary>
    /// <param name="blocks">[n / BlockLength] blocks.</param>
    /// <param name="values">[n] f32.</param>
    public abstract void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>Multiplies pinned operands; the pool's gate is held.</summary>
    internal abstract void Multiply(in Operands operands);
}
