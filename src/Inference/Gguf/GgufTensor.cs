using Causerie.Compute.Formats;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Gguf;

/// <summary>One entry of the tensor directory: where a weight lies and how it is encoded.</summary>
/// <param name="Name">Name in the file, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="TypeName">The encoding's name, also where it cannot be decoded.</param>
/// <param name="Format">The encoding, or null where this program cannot decode it.</param>
/// <param name="Shape">1 to 4 dimensions in the file's order: the first is contiguous (columns).</param>
/// <param name="Offset">First byte in <paramref name="File"/>, inside it and aligned.</param>
/// <param name="Length">Bytes, all inside <paramref name="File"/>.</param>
/// <param name="File">The file or shard that holds it.</param>
public sealed record GgufTensor(
    string Name, string TypeName, TensorFormat? Format, long[] Shape, long Offset, long Length, MappedFile File)
{
    /// <summary>Number of weights.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The shape as people write it, rows last: <c>[64, 512]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>The encoding.</summary>
    /// <exception cref="GgufException">This program cannot decode it.</exception>
    public TensorFormat RequireFormat() => Format ?? throw new GgufException(
        File.Path, Name, Offset,
        $"the tensor format {TypeName} is not supported; supported are " +
        $"{string.Join(", ", TensorFormat.All.Values.Select(format => format.Name))}.");
}
