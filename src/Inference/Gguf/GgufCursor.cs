using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Gguf;

/// <summary>Walks a mapped file from front to back; every step is checked against the end before it is taken.</summary>
internal struct GgufCursor(MappedFile file)
{
    private const int ShortText = 128;

    private long _last;

    /// <summary>Next byte to read, 0 to <see cref="End"/>.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes in the file.</summary>
    public readonly long End => file.Length;

    public readonly long Remaining => file.Length - Position;

    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Read(4, field));

    public ulong ReadUInt64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Read(8, field));

    public ReadOnlySpan<byte> Read(int length, string field)
    {
        if (length > Remaining)
            throw Truncated(field, length);
        var bytes = file.Slice(Position, length);
        _last = Position;
        Position += length;
        return bytes;
    }

    /// <summary>A number of things of at least <paramref name="minimumBytes"/> each that are still to come.</summary>
    public long ReadCount(string field, int minimumBytes)
    {
        ulong count = ReadUInt64(field);
        long most = Remaining / minimumBytes;
        return count <= (ulong)most
            ? (long)count
            : throw Fault(field, $"says {count}; the rest of the file has room for {most}. It is damaged or cut.");
    }

    public void Skip(long length, string field)
    {
        if (length > Remaining)
            throw Truncated(field, length);
        Position += length;
    }

    /// <summary>A short string that names something: key or tensor name.</summary>
    public string ReadName(string field, int maximumBytes)
    {
        long start = Position;
        long length = ReadCount(field, 1);
        if (length == 0)
            throw new GgufException(file.Path, field, start, "it is empty.");
        if (length > maximumBytes)
            throw new GgufException(file.Path, field, start, $"its length {length} exceeds {maximumBytes} bytes.");
        var bytes = Read((int)length, field);
        if (bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0)
            throw new GgufException(file.Path, field, start, "it holds a control character.");
        return Decode(bytes) ?? throw new GgufException(file.Path, field, start, "it is not valid UTF-8.");
    }

    /// <summary>Moves over a string behind its length.</summary>
    public void SkipString(string field)
    {
        long start = Position;
        ulong length = ReadUInt64(field);
        if (length > (ulong)Remaining)
            throw new GgufException(
                file.Path, field, start, $"a string of {length} bytes reaches beyond the end of the file ({End}).");
        Position += (long)length;
    }

    /// <summary>Moves to the next multiple of <paramref name="alignment"/>, possibly beyond the end.</summary>
    public readonly long Align(uint alignment)
    {
        long mask = alignment - 1L;
        return (Position + mask) & ~mask;
    }

    /// <summary>An error about what was read last.</summary>
    public readonly GgufException Fault(string field, string problem) => new(file.Path, field, _last, problem);

    /// <summary>Null where the bytes are not UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";
        if (bytes.Length > ShortText)
            return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
        // A vocabulary is hundreds of thousands of these: checked and turned into characters in one go.
        Span<char> characters = stackalloc char[ShortText];
        var status = Utf8.ToUtf16(bytes, characters, out _, out int written, replaceInvalidSequences: false);
        return status == OperationStatus.Done ? new string(characters[..written]) : null;
    }

    private readonly GgufException Truncated(string field, long length) =>
        new(file.Path, field, Position, $"the file ends before its {length} bytes do ({End}); fetch it again.");
}
