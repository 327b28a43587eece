using System.Collections.ObjectModel;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Gguf;

/// <summary>A model in the GGUF format (versions 2 and 3), mapped and never copied, with all its shards.</summary>
public sealed class GgufFile : IDisposable
{
    private readonly IReadOnlyList<GgufShard> _shards;
    private readonly OrderedDictionary<string, GgufTensor> _tensors;

    private GgufFile(IReadOnlyList<GgufShard> shards, OrderedDictionary<string, GgufTensor> tensors)
    {
        _shards = shards;
        _tensors = tensors;
        Tensors = new ReadOnlyDictionary<string, GgufTensor>(tensors);
    }

    /// <summary>The file as given to <see cref="Open"/>; of a split model, the first shard.</summary>
    public string Path => _shards[0].File.Path;

    /// <summary>All files of the model, in order.</summary>
    public IEnumerable<string> Paths => _shards.Select(shard => shard.File.Path);

    /// <summary>The same files, mapped.</summary>
    internal IEnumerable<MappedFile> Files => _shards.Select(shard => shard.File);

    /// <summary>Bytes of all files of the model.</summary>
    public long TotalBytes => _shards.Sum(shard => shard.File.Length);

    /// <summary>GGUF's version of the first file.</summary>
    public int Version => (int)_shards[0].Version;

    /// <summary>What the (first) file says of the model.</summary>
    public GgufMetadata Metadata => _shards[0].Metadata;

    /// <summary>The tensors of all shards by name, in the files' order.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <summary>Opens a model; of a split one, the first shard is given and the others are found beside it.</summary>
    /// <exception cref="GgufException">
    /// The file is damaged, cut, of an unsupported kind, or a shard is missing: the message names file, field and place.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static GgufFile Open(string path)
    {
        var shards = new List<GgufShard>();
        try
        {
            var tensors = new OrderedDictionary<string, GgufTensor>(StringComparer.Ordinal);
            foreach (var shard in SplitModel.Open(path))
            {
                shards.Add(shard);
                foreach (var tensor in shard.Tensors)
                    if (!tensors.TryAdd(tensor.Name, tensor))
                        throw new GgufException(
                            shard.File.Path, tensor.Name, tensor.Offset,
                            $"the tensor is also in {tensors[tensor.Name].File.Path}.");
            }
            SplitModel.CheckTensorCount(shards[0], tensors.Count);
            return new GgufFile(shards, tensors);
        }
        catch
        {
            foreach (var shard in shards)
                shard.File.Dispose();
            throw;
        }
    }

    /// <summary>The architecture that a file names, of which no more is read than that takes; null where it names none.</summary>
    /// <param name="path">The file; of a split model, the first shard.</param>
    /// <exception cref="GgufException">The file is damaged before that.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static string? ReadArchitecture(string path)
    {
        const string Key = "general.architecture";
        using var file = MappedFile.Open(path);
        return GgufShard.ParseUpTo(file, Key).TryGet<string>(Key, out string? architecture) ? architecture : null;
    }

    /// <summary>Says whether its bytes will be met here and there, or in order: <see cref="MappedFile.ExpectScattered"/>.</summary>
    internal void ExpectScattered(bool scattered)
    {
        foreach (var file in Files)
            file.ExpectScattered(scattered);
    }

    /// <summary>Looks at all files: <see cref="MappedFile.ThrowIfChanged"/>.</summary>
    /// <exception cref="FileChangedException">One was cut or written to since it was opened.</exception>
    internal void ThrowIfChanged()
    {
        foreach (var file in Files)
            file.ThrowIfChanged();
    }

    /// <summary>Whether the model has the tensor.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>A weight matrix [rows, columns], in the file's own format and not copied.</summary>
    /// <exception cref="GgufException">The tensor is absent, of another shape or of an unsupported format.</exception>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        var tensor = Require(name, columns, rows);
        return WeightMatrix.At(tensor.File, tensor.Offset, tensor.RequireFormat(), rows, columns);
    }

    /// <summary>
    /// <paramref name="count"/> matrices [rows, columns] that lie behind one another, as a layer's experts do, as one
    /// matrix [count · rows, columns]; expert e is its slice from row e · rows.
    /// </summary>
    /// <exception cref="GgufException">The tensor is absent, of another shape or of an unsupported format.</exception>
    public WeightMatrix Stack(string name, int count, int rows, int columns)
    {
        var tensor = Require(name, columns, rows, count);
        if ((long)count * rows > int.MaxValue)
            throw Fault(tensor, "the tensor has more than 2³¹ rows.");
        return WeightMatrix.At(tensor.File, tensor.Offset, tensor.RequireFormat(), count * rows, columns);
    }

    /// <summary>A vector [length] as f32, decoded from whatever format it has.</summary>
    /// <exception cref="GgufException">The tensor is absent, of another shape or of an unsupported format.</exception>
    public float[] Vector(string name, int length) => Values(name, length);

    /// <summary>A small tensor as f32, decoded and copied.</summary>
    /// <param name="name">Tensor name.</param>
    /// <param name="shape">Expected dimensions in the file's order, the contiguous one first.</param>
    /// <exception cref="GgufException">The tensor is absent, of another shape or of an unsupported format.</exception>
    public float[] Values(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = Require(name, shape);
        if (tensor.Count > Array.MaxLength || tensor.Length > int.MaxValue)
            throw Fault(tensor, $"the tensor {tensor.ShapeText} is too large to be copied.");
        tensor.File.ThrowIfChanged();
        var values = new float[tensor.Count];
        tensor.RequireFormat().Dequantize(tensor.File.Slice(tensor.Offset, (int)tensor.Length), values);
        return values;
    }

    /// <summary>The tensor, which must have <paramref name="shape"/> (contiguous dimension first, trailing ones ignored).</summary>
    /// <exception cref="GgufException">The tensor is absent or of another shape.</exception>
    public GgufTensor Require(string name, params ReadOnlySpan<long> shape)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new GgufException(Path, name, null, "the model has no such tensor; it is incomplete.");
        if (!WithoutTrailingOnes(tensor.Shape).SequenceEqual(WithoutTrailingOnes(shape)))
            throw Fault(
                tensor, $"the tensor's shape is {tensor.ShapeText}; the model's hyper-parameters call for " +
                $"[{string.Join(", ", shape.ToArray())}].");
        return tensor;
    }

    /// <summary>Unmaps the files; no matrix of the model may be used any more.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.File.Dispose();
    }

    private static ReadOnlySpan<long> WithoutTrailingOnes(ReadOnlySpan<long> shape)
    {
        while (shape.Length > 1 && shape[^1] == 1)
            shape = shape[..^1];
        return shape;
    }

    private static GgufException Fault(GgufTensor tensor, string problem) =>
        new(tensor.File.Path, tensor.Name, tensor.Offset, problem);
}
