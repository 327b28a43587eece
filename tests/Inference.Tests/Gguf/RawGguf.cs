using System.Text;

namespace Causerie.Inference.Tests.Gguf;

/// <summary>Builds GGUF bytes field by field, also those that no writer would make.</summary>
internal sealed class RawGguf
{
    private readonly List<byte> _keys = [];
    private readonly List<byte> _tensors = [];
    private ulong _keyCount;
    private ulong _tensorCount;
    private int _padTo = 32;

    public byte[] Magic { get; set; } = "GGUF"u8.ToArray();

    public uint Version { get; set; } = 3;

    public ulong? KeyCount { get; set; }

    public ulong? TensorCount { get; set; }

    public int DataBytes { get; set; }

    public RawGguf PadTo(int alignment)
    {
        _padTo = alignment;
        return this;
    }

    public RawGguf Key(string name, uint type, params object[] value) => Key(Encoding.UTF8.GetBytes(name), type, value);

    public RawGguf Key(byte[] name, uint type, params object[] value)
    {
        _keyCount++;
        Put(_keys, (ulong)name.Length, name, type);
        Put(_keys, value);
        return this;
    }

    /// <summary>With one dimension after the other, then type and offset.</summary>
    public RawGguf Tensor(string name, ulong[] shape, uint type, ulong offset, uint? dimensions = null)
    {
        _tensorCount++;
        Put(_tensors, name, dimensions ?? (uint)shape.Length);
        foreach (ulong dimension in shape)
            Put(_tensors, dimension);
        Put(_tensors, type, offset);
        return this;
    }

    public byte[] ToBytes()
    {
        var file = new List<byte>();
        Put(file, Magic, Version, TensorCount ?? _tensorCount, KeyCount ?? _keyCount);
        Put(file, _keys.ToArray(), _tensors.ToArray());
        if (DataBytes > 0)
            Put(file, new byte[((_padTo - (file.Count % _padTo)) % _padTo) + DataBytes]);
        return [.. file];
    }

    private static void Put(List<byte> file, params object[] values)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (object value in values)
        {
            switch (value)
            {
                case string text:
                    byte[] bytes = Encoding.UTF8.GetBytes(text);
                    writer.Write((ulong)bytes.Length);
                    writer.Write(bytes);
                    break;
                case byte[] raw:
                    writer.Write(raw);
                    break;
                case ulong large:
                    writer.Write(large);
                    break;
                case uint word:
                    writer.Write(word);
                    break;
                case float single:
                    writer.Write(single);
                    break;
                case byte one:
                    writer.Write(one);
                    break;
                default:
                    throw new ArgumentException($"no such field: {value.GetType()}");
            }
        }
        file.AddRange(stream.ToArray());
    }
}
