using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;
using Causerie.Compute.Memory;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Gguf;

/// <summary>Where a metadata value lies; its bounds were checked when the file was opened.</summary>
/// <param name="Type">The value's type.</param>
/// <param name="ElementType">Type of the elements of an array; otherwise the same as <paramref name="Type"/>.</param>
/// <param name="Offset">First byte of the value or of the first element.</param>
/// <param name="Count">Elements of an array, else 1.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType ElementType, long Offset, long Count);

/// <summary>Turns the bytes of one metadata value into what the caller asks for, or says why not.</summary>
internal readonly struct GgufValueReader(MappedFile file, string key, GgufValue value)
{
    /// <summary>Bytes of a value of fixed size; 0 for strings and arrays, −1 for what is no type.</summary>
    public static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        GgufValueType.String or GgufValueType.Array => 0,
        _ => -1,
    };

    public T Read<T>()
    {
        if (typeof(T) == typeof(string[]))
            return (T)(object)ReadStrings();
        if (typeof(T) == typeof(TextList))
            return (T)(object)ReadTexts();
        if (typeof(T) == typeof(byte[]) && value.ElementType is GgufValueType.UInt8 or GgufValueType.Int8)
            return (T)(object)Bytes<T>(1).ToArray();
        if (typeof(T) == typeof(bool[]))
            return (T)(object)ReadArray<T, bool>();
        if (typeof(T) == typeof(byte[]))
            return (T)(object)ReadArray<T, byte>();
        if (typeof(T) == typeof(int[]))
            return (T)(object)ReadArray<T, int>();
        if (typeof(T) == typeof(uint[]))
            return (T)(object)ReadArray<T, uint>();
        if (typeof(T) == typeof(long[]))
            return (T)(object)ReadArray<T, long>();
        if (typeof(T) == typeof(ulong[]))
            return (T)(object)ReadArray<T, ulong>();
        if (typeof(T) == typeof(float[]))
            return (T)(object)ReadArray<T, float>();
        if (typeof(T) == typeof(double[]))
            return (T)(object)ReadArray<T, double>();
        if (value.Type == GgufValueType.Array)
            throw Mismatch(typeof(T));
        if (typeof(T) == typeof(string))
            return (T)(object)ReadString();
        return Element<T>(file.Slice(value.Offset, SizeOf(value.Type)));
    }

    public string Describe(CultureInfo culture)
    {
        if (value.Type == GgufValueType.String)
            return GgufCursor.Decode(StringAt(value.Offset, out _)) ?? "(not UTF-8)";
        if (value.Type != GgufValueType.Array)
            return Scalar(value.Offset, culture);
        var shown = new List<string>();
        long offset = value.Offset;
        for (long i = 0; i < Math.Min(value.Count, 4); i++)
        {
            if (value.ElementType == GgufValueType.String)
            {
                shown.Add($"\"{GgufCursor.Decode(StringAt(offset, out offset)) ?? "(not UTF-8)"}\"");
                continue;
            }
            shown.Add(Scalar(offset, culture));
            offset += SizeOf(value.ElementType);
        }
        string rest = value.Count > shown.Count ? ", …" : "";
        return $"[{string.Join(", ", shown)}{rest}] ({value.Count} × {value.ElementType})";
    }

    private string Scalar(long offset, CultureInfo culture)
    {
        var bytes = file.Slice(offset, SizeOf(value.ElementType));
        return value.ElementType switch
        {
            GgufValueType.Bool => bytes[0] switch { 0 => "false", 1 => "true", var other => $"(bool {other})" },
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString(culture),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes).ToString(culture),
            _ => Integer(bytes).ToString(culture),
        };
    }

    private TElement[] ReadArray<T, TElement>()
    {
        int size = SizeOf(value.ElementType);
        var bytes = Bytes<T>(size);
        var elements = new TElement[value.Count];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Element<TElement>(bytes.Slice(i * size, size));
        return elements;
    }

    private ReadOnlySpan<byte> Bytes<T>(int size)
    {
        if (value.Type != GgufValueType.Array || size == 0)
            throw Mismatch(typeof(T));
        if (value.Count > int.MaxValue / size)
            throw Fault($"an array of {value.Count} elements is larger than this program takes.");
        return file.Slice(value.Offset, (int)value.Count * size);
    }

    private string[] ReadStrings()
    {
        if (value.Type != GgufValueType.Array || value.ElementType != GgufValueType.String)
            throw Mismatch(typeof(string[]));
        CheckCount();
        var strings = new string[value.Count];
        long offset = value.Offset;
        for (int i = 0; i < strings.Length; i++)
            strings[i] = GgufCursor.Decode(StringAt(offset, out offset)) ?? throw Fault($"element {i} is not UTF-8.");
        return strings;
    }

    // A vocabulary is hundreds of thousands of these: one block instead of as many objects.
    private TextList ReadTexts()
    {
        if (value.Type != GgufValueType.Array || value.ElementType != GgufValueType.String)
            throw Mismatch(typeof(string[]));
        CheckCount();
        int[] ends = new int[value.Count];
        long offset = value.Offset;
        long total = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            var text = StringAt(offset, out offset);
            if (!Utf8.IsValid(text))
                throw Fault($"element {i} is not UTF-8.");
            total += text.Length;
            if (total > Array.MaxLength)
                throw Fault($"texts of more than {Array.MaxLength} bytes are larger than this program takes.");
            ends[i] = (int)total;
        }
        byte[] utf8 = new byte[total];
        offset = value.Offset;
        for (int i = 0; i < ends.Length; i++)
            StringAt(offset, out offset).CopyTo(utf8.AsSpan(i == 0 ? 0 : ends[i - 1]));
        return new TextList(utf8, ends);
    }

    private void CheckCount()
    {
        if (value.Count > Array.MaxLength)
            throw Fault($"an array of {value.Count} strings is larger than this program takes.");
    }

    private string ReadString()
    {
        if (value.Type != GgufValueType.String)
            throw Mismatch(typeof(string));
        return GgufCursor.Decode(StringAt(value.Offset, out _)) ?? throw Fault("the text is not UTF-8.");
    }

    private ReadOnlySpan<byte> StringAt(long offset, out long next)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(file.Slice(offset, 8));
        if (length > int.MaxValue / 2)
            throw Fault($"a string of {length} bytes is longer than this program takes.");
        next = offset + 8 + length;
        return file.Slice(offset + 8, (int)length);
    }

    private T Element<T>(ReadOnlySpan<byte> bytes)
    {
        var type = value.ElementType;
        if (typeof(T) == typeof(bool) && type == GgufValueType.Bool)
            return bytes[0] <= 1
                ? (T)(object)(bytes[0] == 1)
                : throw Fault($"a bool must be 0 or 1, not {bytes[0]}.");
        if (typeof(T) == typeof(float) && type == GgufValueType.Float32)
            return (T)(object)BinaryPrimitives.ReadSingleLittleEndian(bytes);
        if (typeof(T) == typeof(float) && type == GgufValueType.Float64)
            return (T)(object)(float)BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        if (typeof(T) == typeof(double) && type == GgufValueType.Float32)
            return (T)(object)(double)BinaryPrimitives.ReadSingleLittleEndian(bytes);
        if (typeof(T) == typeof(double) && type == GgufValueType.Float64)
            return (T)(object)BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        if (type is GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool or GgufValueType.String)
            throw Mismatch(typeof(T));
        if (typeof(T) == typeof(int))
            return (T)(object)(int)InRange(Integer(bytes), int.MinValue, int.MaxValue);
        if (typeof(T) == typeof(uint))
            return (T)(object)(uint)InRange(Integer(bytes), uint.MinValue, uint.MaxValue);
        if (typeof(T) == typeof(long))
            return (T)(object)(long)InRange(Integer(bytes), long.MinValue, long.MaxValue);
        if (typeof(T) == typeof(ulong))
            return (T)(object)(ulong)InRange(Integer(bytes), ulong.MinValue, ulong.MaxValue);
        if (typeof(T) == typeof(byte))
            return (T)(object)(byte)InRange(Integer(bytes), byte.MinValue, byte.MaxValue);
        if (typeof(T) == typeof(sbyte))
            return (T)(object)(sbyte)InRange(Integer(bytes), sbyte.MinValue, sbyte.MaxValue);
        if (typeof(T) == typeof(short))
            return (T)(object)(short)InRange(Integer(bytes), short.MinValue, short.MaxValue);
        if (typeof(T) == typeof(ushort))
            return (T)(object)(ushort)InRange(Integer(bytes), ushort.MinValue, ushort.MaxValue);
        throw Mismatch(typeof(T));
    }

    private Int128 Integer(ReadOnlySpan<byte> bytes) => value.ElementType switch
    {
        GgufValueType.UInt8 => bytes[0],
        GgufValueType.Int8 => (sbyte)bytes[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    private Int128 InRange(Int128 number, Int128 least, Int128 most) => number >= least && number <= most
        ? number
        : throw Fault($"{number} is out of range; it must be between {least} and {most}.");

    private GgufException Mismatch(Type wanted)
    {
        string found = value.Type == GgufValueType.Array ? $"array of {value.ElementType}" : value.Type.ToString();
        return Fault($"has type {found} where {wanted.Name} is expected; the model was converted wrongly.");
    }

    private GgufException Fault(string problem) => new(file.Path, key, value.Offset, problem);
}
