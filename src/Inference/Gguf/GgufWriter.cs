using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Causerie.Compute.Formats;

namespace Causerie.Inference.Gguf;

/// <summary>Writes a GGUF version 3 file: metadata and tensors are declared first, then streamed in one pass.</summary>
/// <remarks>The tensors' bytes are asked for one after the other while writing, so that they never lie in memory together.</remarks>
public sealed class GgufWriter
{
    private const string AlignmentKey = "general.alignment";

    private readonly ArrayBufferWriter<byte> _metadata = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, Declared> _tensors = new(StringComparer.Ordinal);
    private readonly uint _alignment;

    /// <summary>A file without metadata and tensors yet.</summary>
    /// <param name="alignment">Bytes to whose multiple each tensor's start is moved: a power of two.</param>
    public GgufWriter(uint alignment = 32)
    {
        if (!BitOperations.IsPow2(alignment))
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "The alignment is a power of two.");
        _alignment = alignment;
        if (alignment != 32)
            Add(AlignmentKey, alignment);
    }

    /// <summary>Adds a metadata value.</summary>
    /// <param name="key">Key, new to the file.</param>
    /// <param name="value">A bool, integer of 8 to 64 bits, float, double or string, or an array of one of these.</param>
    /// <exception cref="ArgumentException">The key is there already, empty or too long, or the type has no GGUF form.</exception>
    public void Add(string key, object value)
    {
        if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > ushort.MaxValue)
            throw new ArgumentException("A key has 1 to 65535 bytes.", nameof(key));
        var element = value is Array array ? array.GetType().GetElementType()! : value.GetType();
        var type = TypeOf(element) ?? throw new ArgumentException(
            $"{key}: GGUF has no type for {value.GetType()}.", nameof(value));
        if (!_keys.Add(key))
            throw new ArgumentException($"{key} was added before.", nameof(key));
        WriteText(_metadata, key);
        if (value is not Array values)
        {
            WriteUInt32(_metadata, (uint)type);
            WriteElement(value);
            return;
        }
        WriteUInt32(_metadata, (uint)GgufValueType.Array);
        WriteUInt32(_metadata, (uint)type);
        WriteUInt64(_metadata, (ulong)values.LongLength);
        foreach (object item in values)
            WriteElement(item);
    }

    /// <summary>Declares a tensor of f32 values.</summary>
    /// <param name="name">Name, new to the file, at most 63 bytes.</param>
    /// <param name="shape">1 to 4 dimensions, the contiguous one first.</param>
    /// <param name="values">[product of shape] f32; read when the file is written.</param>
    public void AddTensor(string name, long[] shape, float[] values)
    {
        AddTensor(name, TensorFormat.All[0], shape, stream =>
        {
            var bytes = new byte[Math.Min(values.Length, 4096) * 4];
            for (int start = 0; start < values.Length; start += 4096)
            {
                int count = Math.Min(4096, values.Length - start);
                for (int i = 0; i < count; i++)
                    BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[start + i]);
                stream.Write(bytes, 0, count * 4);
            }
        });
    }

    /// <summary>Declares a tensor in any format.</summary>
    /// <param name="name">Name, new to the file, at most 63 bytes.</param>
    /// <param name="format">How its bytes are encoded.</param>
    /// <param name="shape">1 to 4 dimensions, the contiguous one first.</param>
    /// <param name="write">Writes exactly the tensor's bytes; called once by <see cref="WriteTo"/>.</param>
    /// <exception cref="ArgumentException">Name or shape cannot be written.</exception>
    public void AddTensor(string name, TensorFormat format, long[] shape, Action<Stream> write)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > 63)
            throw new ArgumentException("A tensor's name has 1 to 63 bytes.", nameof(name));
        if (shape.Length is 0 or > 4 || Array.Exists(shape, dimension => dimension < 1))
            throw new ArgumentException($"{name}: a tensor has 1 to 4 positive dimensions.", nameof(shape));
        if (shape[0] % format.BlockLength != 0)
            throw new ArgumentException(
                $"{name}: rows of {shape[0]} are not whole blocks of {format.BlockLength}.", nameof(shape));
        long length = format.BytesFor(shape.Aggregate(1L, (product, dimension) => checked(product * dimension)));
        if (!_tensors.TryAdd(name, new Declared(format, [.. shape], length, write)))
            throw new ArgumentException($"{name} was added before.", nameof(name));
    }

    /// <summary>Writes the whole file from the stream's present place on; the stream need not seek.</summary>
    /// <exception cref="InvalidOperationException">A tensor's callback wrote another number of bytes than its shape needs.</exception>
    public void WriteTo(Stream stream)
    {
        var header = new ArrayBufferWriter<byte>();
        header.Write("GGUF"u8);
        WriteUInt32(header, 3);
        WriteUInt64(header, (ulong)_tensors.Count);
        WriteUInt64(header, (ulong)_keys.Count);
        header.Write(_metadata.WrittenSpan);
        long offset = 0;
        foreach (var (name, tensor) in _tensors)
        {
            WriteText(header, name);
            WriteUInt32(header, (uint)tensor.Shape.Length);
            foreach (long dimension in tensor.Shape)
                WriteUInt64(header, (ulong)dimension);
            WriteUInt32(header, (uint)tensor.Format.Id);
            WriteUInt64(header, (ulong)offset);
            offset = checked(offset + tensor.Length + Padding(tensor.Length));
        }
        stream.Write(header.WrittenSpan);
        stream.Write(new byte[Padding(header.WrittenCount)]);
        foreach (var (name, tensor) in _tensors)
        {
            var counted = new CountingStream(stream, tensor.Length);
            tensor.Write(counted);
            if (counted.Left != 0)
                throw new InvalidOperationException($"{name}: {counted.Left} of {tensor.Length} bytes were not written.");
            stream.Write(new byte[Padding(tensor.Length)]);
        }
    }

    private int Padding(long length) => (int)((_alignment - (length % _alignment)) % _alignment);

    private void WriteElement(object value)
    {
        Span<byte> bytes = stackalloc byte[8];
        int size = GgufValueReader.SizeOf(TypeOf(value.GetType())!.Value);
        switch (value)
        {
            case string text:
                WriteText(_metadata, text);
                return;
            case bool flag:
                bytes[0] = flag ? (byte)1 : (byte)0;
                break;
            case float single:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, single);
                break;
            case double real:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, real);
                break;
            case ulong large:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, large);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(
                    bytes, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
        _metadata.Write(bytes[..size]);
    }

    private static GgufValueType? TypeOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Double => GgufValueType.Float64,
        TypeCode.Boolean => GgufValueType.Bool,
        TypeCode.String => GgufValueType.String,
        _ => null,
    };

    private static void WriteText(ArrayBufferWriter<byte> buffer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteUInt64(buffer, (ulong)bytes.Length);
        buffer.Write(bytes);
    }

    private static void WriteUInt32(ArrayBufferWriter<byte> buffer, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        buffer.Write(bytes);
    }

    private static void WriteUInt64(ArrayBufferWriter<byte> buffer, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        buffer.Write(bytes);
    }

    private sealed record Declared(TensorFormat Format, long[] Shape, long Length, Action<Stream> Write);

    /// <summary>Lets a tensor's callback write its bytes and not one more.</summary>
    private sealed class CountingStream(Stream inner, long length) : Stream
    {
        public long Left { get; private set; } = length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > Left)
                throw new InvalidOperationException("A tensor's callback wrote more bytes than its shape needs.");
            Left -= buffer.Length;
            inner.Write(buffer);
        }
    }
}
