using System.Numerics;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Gguf;

/// <summary>One file's header, metadata and tensor directory, checked against the file's size before anything is believed.</summary>
/// <remarks>Layout: <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>.</remarks>
internal sealed class GgufShard
{
    // Far above what any model has; without them a file of nothing but keys would cost several times its size.
    private const int MostKeys = 16_384;
    private const int MostTensors = 65_536;

    private GgufShard(MappedFile file) => File = file;

    public MappedFile File { get; }

    public uint Version { get; private set; }

    public uint Alignment { get; private set; } = 32;

    public required GgufMetadata Metadata { get; init; }

    public required List<GgufTensor> Tensors { get; init; }

    /// <summary>Reads everything but the tensors' data.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="GgufException">The file is damaged or of a kind that is not supported.</exception>
    public static GgufShard Parse(MappedFile file)
    {
        var cursor = new GgufCursor(file);
        uint version = ReadHeader(ref cursor);
        // A tensor takes 33 bytes of the directory at the least, a key with its value 14.
        long tensorCount = AtMost(ref cursor, "tensor_count", cursor.ReadCount("tensor_count", 33), MostTensors);
        long keyCount = AtMost(ref cursor, "metadata_kv_count", cursor.ReadCount("metadata_kv_count", 14), MostKeys);
        var values = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (long i = 0; i < keyCount; i++)
            ReadKey(ref cursor, values);
        var metadata = new GgufMetadata(file, values);
        uint alignment = ReadAlignment(metadata);
        var tensors = new List<GgufTensor>((int)tensorCount);
        for (long i = 0; i < tensorCount; i++)
            tensors.Add(ReadTensor(ref cursor, file));
        PlaceTensors(tensors, cursor.Align(alignment), alignment, file);
        return new GgufShard(file) { Metadata = metadata, Tensors = tensors, Version = version, Alignment = alignment };
    }

    /// <summary>The metadata from the beginning up to a key, which mostly is the first, or all of it: nothing else is read.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="GgufException">The file is damaged before it, or of a kind that is not supported.</exception>
    public static GgufMetadata ParseUpTo(MappedFile file, string key)
    {
        var cursor = new GgufCursor(file);
        ReadHeader(ref cursor);
        cursor.ReadCount("tensor_count", 33);
        long keyCount = AtMost(ref cursor, "metadata_kv_count", cursor.ReadCount("metadata_kv_count", 14), MostKeys);
        var values = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (long i = 0; i < keyCount && !values.ContainsKey(key); i++)
            ReadKey(ref cursor, values);
        return new GgufMetadata(file, values);
    }

    private static uint ReadHeader(ref GgufCursor cursor)
    {
        var magic = cursor.Read(4, "magic");
        if (!magic.SequenceEqual("GGUF"u8))
        {
            bool old = magic.SequenceEqual("lmgg"u8) || magic.SequenceEqual("tjgg"u8) ||
                magic.SequenceEqual("fmgg"u8) || magic.SequenceEqual("algg"u8);
            throw cursor.Fault("magic", old
                ? "this is a GGML file from before GGUF; convert the model to GGUF."
                : "the file does not begin with GGUF; it is not a GGUF model, or damaged.");
        }
        uint version = cursor.ReadUInt32("version");
        return version switch
        {
            2 or 3 => version,
            1 => throw cursor.Fault("version", "GGUF version 1 is not supported; convert the model to version 3."),
            _ when (version & 0xFFFF) == 0 && version != 0 => throw cursor.Fault(
                "version", "the file is big-endian, which is not supported; convert the model to little-endian."),
            _ => throw cursor.Fault("version", $"GGUF version {version} is not supported; versions 2 and 3 are."),
        };
    }

    private static long AtMost(ref GgufCursor cursor, string field, long count, int most) => count <= most
        ? count
        : throw cursor.Fault(field, $"{count} is more than this program takes ({most}).");

    private static void ReadKey(ref GgufCursor cursor, Dictionary<string, GgufValue> values)
    {
        string key = cursor.ReadName("metadata key", ushort.MaxValue);
        var type = ReadType(ref cursor, key);
        var elementType = type;
        long count = 1;
        if (type == GgufValueType.Array)
        {
            elementType = ReadType(ref cursor, key);
            if (elementType == GgufValueType.Array)
                throw cursor.Fault(key, "arrays of arrays are not supported.");
            int size = GgufValueReader.SizeOf(elementType);
            count = cursor.ReadCount(key, size == 0 ? 8 : size);
        }
        if (!values.TryAdd(key, new GgufValue(type, elementType, cursor.Position, count)))
            throw cursor.Fault(key, "the key occurs twice.");
        SkipValue(ref cursor, key, elementType, count);
    }

    private static void SkipValue(ref GgufCursor cursor, string key, GgufValueType elementType, long count)
    {
        if (elementType != GgufValueType.String)
        {
            cursor.Skip(count * GgufValueReader.SizeOf(elementType), key);
            return;
        }
        for (long i = 0; i < count; i++)
            cursor.SkipString(key);
    }

    private static GgufValueType ReadType(ref GgufCursor cursor, string key)
    {
        var type = (GgufValueType)cursor.ReadUInt32(key);
        return GgufValueReader.SizeOf(type) >= 0
            ? type
            : throw cursor.Fault(key, $"value type {(uint)type} is unknown; the file is damaged.");
    }

    private static uint ReadAlignment(GgufMetadata metadata)
    {
        uint alignment = metadata.GetOr("general.alignment", 32u);
        return BitOperations.IsPow2(alignment)
            ? alignment
            : throw metadata.Fault("general.alignment", $"{alignment} is not a power of two.");
    }

    private static GgufTensor ReadTensor(ref GgufCursor cursor, MappedFile file)
    {
        string name = cursor.ReadName("tensor name", 63);
        uint dimensions = cursor.ReadUInt32(name);
        if (dimensions is 0 or > 4)
            throw cursor.Fault(name, $"the tensor has {dimensions} dimensions; it must have 1 to 4.");
        var shape = new long[dimensions];
        long count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            ulong dimension = cursor.ReadUInt64(name);
            // No encoding packs more than 8 weights into a byte, so this bound keeps the product in 64 bits.
            if (dimension == 0 || dimension > long.MaxValue || (long)dimension > MostWeights(file) / count)
                throw cursor.Fault(name, $"dimension {i} of the tensor is {dimension}, which cannot be in this file.");
            shape[i] = (long)dimension;
            count *= shape[i];
        }
        uint id = cursor.ReadUInt32(name);
        var type = TensorType.Find(id, out string problem) ?? throw cursor.Fault(name, problem);
        if (shape[0] % type.BlockLength != 0)
            throw cursor.Fault(
                name, $"rows of {shape[0]} weights are not whole blocks of {type.BlockLength} ({type.Name}).");
        ulong offset = cursor.ReadUInt64(name);
        if (offset > (ulong)file.Length)
            throw cursor.Fault(
                name, $"the tensor's offset {offset} lies beyond the end of the file ({file.Length}); " +
                "the file was cut or not wholly fetched. Fetch it again.");
        return new GgufTensor(
            name, type.Name, type.Format, shape, (long)offset, count / type.BlockLength * type.BlockBytes, file);
    }

    private static long MostWeights(MappedFile file) => Math.Max(file.Length, 1L << 20) << 8;

    private static void PlaceTensors(List<GgufTensor> tensors, long dataStart, uint alignment, MappedFile file)
    {
        var names = new HashSet<string>(tensors.Count, StringComparer.Ordinal);
        for (int i = 0; i < tensors.Count; i++)
        {
            var tensor = tensors[i];
            if (!names.Add(tensor.Name))
                throw new GgufException(file.Path, tensor.Name, null, "the tensor occurs twice.");
            if (tensor.Offset % alignment != 0)
                throw new GgufException(
                    file.Path, tensor.Name, null,
                    $"the tensor's offset {tensor.Offset} is not a multiple of the alignment {alignment}.");
            long start = dataStart + tensor.Offset;
            if (start > file.Length || tensor.Length > file.Length - start)
                throw new GgufException(
                    file.Path, tensor.Name, start,
                    $"the tensor's {tensor.Length} bytes reach beyond the end of the file ({file.Length}); " +
                    "the file was cut or not wholly fetched. Fetch it again.");
            tensors[i] = tensor with { Offset = start };
        }
        var byOffset = tensors.OrderBy(tensor => tensor.Offset).ToArray();
        for (int i = 1; i < byOffset.Length; i++)
            if (byOffset[i].Offset - byOffset[i - 1].Offset < byOffset[i - 1].Length)
                throw new GgufException(
                    file.Path, byOffset[i].Name, byOffset[i].Offset,
                    $"the tensor overlaps tensor {byOffset[i - 1].Name}.");
    }
}
