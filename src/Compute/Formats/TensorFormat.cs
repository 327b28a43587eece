using System.Collections.Immutable;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

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

    /// <summary>Turns f32 weights into whole blocks by one rounding, without a search for better scales.</summary>
    /// <param name="values">[n] finite f32, n a multiple of <see cref="BlockLength"/>.</param>
    /// <param name="blocks">[n / BlockLength] blocks.</param>
    /// <exception cref="NotSupportedException">Nobody writes this encoding yet; the message names it.</exception>
    /// <exception cref="ArgumentException">The lengths do not fit one another, or a weight is not finite.</exception>
    /// <exception cref="OverflowException">A weight or a scale is beyond what the encoding holds.</exception>
    public void Quantize(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        if (values.Length % BlockLength != 0 || blocks.Length != BytesFor(values.Length))
            throw new ArgumentException($"{values.Length} weights of {Name} do not fill {blocks.Length} bytes.");
        foreach (float value in values)
            if (!float.IsFinite(value))
                throw new ArgumentException($"{Name} does not hold {value}; weights are finite.", nameof(values));
        QuantizeBlocks(values, blocks);
    }

    /// <summary>Quantises checked operands.</summary>
    private protected virtual void QuantizeBlocks(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (int i = 0; i < values.Length / BlockLength; i++)
            QuantizeBlock(values.Slice(i * BlockLength, BlockLength), blocks.Slice(i * BlockBytes, BlockBytes));
    }

    /// <summary>Quantises one block.</summary>
    /// <param name="values">[BlockLength] finite f32.</param>
    /// <param name="block">[BlockBytes], of any content before.</param>
    private protected virtual void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block) =>
        throw new NotSupportedException($"Weights cannot be quantised to {Name}.");

    /// <summary>How sixteen rows lie side by side for the kernels.</summary>
    internal abstract PanelLayout Layout { get; }

    /// <summary>Completes a product whose operands are set with the kernel of this encoding.</summary>
    internal abstract void Prepare(ref Product product, VectorWidth width);
}
