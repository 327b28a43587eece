using Causerie.Inference.Gguf;

namespace Causerie.Inference.Tests.Gguf;

/// <summary>Each way in which a file can be wrong is refused, by the name of the field.</summary>
public sealed class BadFileTests : IDisposable
{
    private const uint U32 = 4;
    private const uint Text = 8;
    private const uint Array = 9;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string, string> Cases() => [.. Broken.Select(item => (item.Name, item.Message))];

    private static (string Name, string Message, RawGguf File)[] Broken { get; } =
    [
        ("other magic", "magic (byte 0)", new RawGguf { Magic = "PK\x3\x4"u8.ToArray() }),
        ("old magic", "from before GGUF", new RawGguf { Magic = "tjgg"u8.ToArray() }),
        ("version 0", "version (byte 4): GGUF version 0 is not", new RawGguf { Version = 0 }),
        ("version 1", "GGUF version 1 is not", new RawGguf { Version = 1 }),
        ("version 4", "GGUF version 4 is not", new RawGguf { Version = 4 }),
        ("big-endian", "big-endian", new RawGguf { Version = 0x03000000 }),
        ("keys without number", "metadata_kv_count", new RawGguf { KeyCount = ulong.MaxValue }),
        ("more keys than bytes", "metadata_kv_count (byte 16): says 1; the rest of the file has room for 0", new RawGguf { KeyCount = 1 }),
        ("more keys than taken", "16384", new RawGguf { KeyCount = 20_000, DataBytes = 1 << 20 }),
        ("tensors without number", "tensor_count", new RawGguf { TensorCount = 1UL << 63 }),
        ("more tensors than taken", "65536", new RawGguf { TensorCount = 70_000, DataBytes = 4 << 20 }),
        ("empty key", "is empty", new RawGguf().Key("", U32, 1u)),
        ("key not UTF-8", "not valid UTF-8", new RawGguf().Key([0x61, 0xFF], U32, 1u)),
        ("key with NUL", "control character", new RawGguf().Key("a\0b", U32, 1u)),
        ("key too long", "exceeds 65535", new RawGguf().Key(new string('k', 65536), U32, 1u)),
        ("key twice", "occurs twice", new RawGguf().Key("a", U32, 1u).Key("a", U32, 1u)),
        ("unknown type", "value type 13", new RawGguf().Key("a", 13, 1u)),
        ("negative type", "value type 4294967295", new RawGguf().Key("a", uint.MaxValue, 1u)),
        ("value cut", "the file ends before its 4 bytes", new RawGguf().Key("abcdef", U32, (byte)1)),
        ("array of arrays", "arrays of arrays", new RawGguf().Key("a", Array, Array, 1UL, U32, 1UL, 1u)),
        ("array of unknown", "value type 99", new RawGguf().Key("a", Array, 99u, 1UL, 1u)),
        ("array that overflows", "a (byte", new RawGguf().Key("a", Array, 10u, 1UL << 61)),
        ("array of many strings", "a (byte", new RawGguf().Key("a", Array, Text, 1UL << 60)),
        ("string that wraps", "18446744073709551615 bytes", new RawGguf().Key("a", Text, ulong.MaxValue)),
        ("string in array too long", "reaches beyond", new RawGguf().Key("a", Array, Text, 2UL, "x", 99UL)),
        ("alignment 0", "not a power of two", new RawGguf().Key("general.alignment", U32, 0u)),
        ("alignment 24", "not a power of two", new RawGguf().Key("general.alignment", U32, 24u)),
        ("alignment a text", "general.alignment", new RawGguf().Key("general.alignment", Text, "32")),
        ("no dimension", "has 0 dimensions", Tensor([], 0, 0)),
        ("five dimensions", "has 5 dimensions", Tensor([1, 1, 1, 1, 1], 0, 0)),
        ("dimension 0", "dimension 1", Tensor([4, 0], 0, 0)),
        ("dimension negative", "dimension 0", Tensor([ulong.MaxValue], 0, 0)),
        ("dimensions that overflow", "dimension 0", Tensor([1UL << 32, 1UL << 32], 0, 0)),
        ("dimensions far too large", "dimension 2", Tensor([1 << 20, 1 << 8, 1 << 20], 0, 0)),
        ("unknown tensor type", "format, type 200, cannot", Tensor([4], 200, 0)),
        ("removed tensor type", "format, Q4_2 (removed), cannot", Tensor([4], 4, 0)),
        ("row of part of a block", "not whole blocks of 32 (Q4_0)", Tensor([48], 2, 0)),
        ("tensor unaligned", "not a multiple of the alignment 32", Tensor([4], 0, 16)),
        ("tensor beyond the end", "reach beyond the end", Tensor([64], 0, 0)),
        ("offset beyond the end", "lies beyond the end", Tensor([4], 0, 1UL << 63)),
        ("tensor name too long", "exceeds 63", Tensor([4], 0, 0, new string('t', 64))),
        ("tensor name with NUL", "control character", Tensor([4], 0, 0, "t\0")),
        ("tensor twice", "t: the tensor occurs twice", Tensor([4], 0, 0).Tensor("t", [4], 0, 32)),
        ("tensors overlap", "overlaps tensor t", Tensor([16], 0, 0).Tensor("u", [4], 0, 32)),
        ("tensors at one place", "overlaps tensor", Tensor([4], 0, 0).Tensor("u", [4], 0, 0)),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_refused_by_name(string name, string message)
    {
        File.WriteAllBytes(_path, Broken.Single(item => item.Name == name).File.ToBytes());
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<GgufException>(() => GgufFile.Open(_path).Dispose());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(_path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = new RawGguf { DataBytes = 48 }.Key("a", Array, Text, 2UL, "x", "y").Key("b", U32, 1u)
            .Tensor("t", [4], 0, 0).Tensor("u", [4], 0, 32).ToBytes();
        File.WriteAllBytes(_path, whole);
        GgufFile.Open(_path).Dispose();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.Throws<GgufException>(() => GgufFile.Open(_path).Dispose());
        }
    }

    [Fact]
    public void What_cannot_be_decoded_is_listed_and_refused_on_use()
    {
        File.WriteAllBytes(_path, new RawGguf { DataBytes = 66 }.Tensor("t", [256], 16, 0).ToBytes());
        using var file = GgufFile.Open(_path);
        Assert.Equal("IQ2_XXS", file.Tensors["t"].TypeName);
        Assert.Null(file.Tensors["t"].Format);
        var error = Assert.Throws<GgufException>(() => file.Vector("t", 256));
        Assert.Contains("t (byte 64): the tensor format IQ2_XXS is not supported", error.Message, StringComparison.Ordinal);
        Assert.Contains("Q4_K", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_another_type_or_range_are_refused()
    {
        File.WriteAllBytes(_path, new RawGguf()
            .Key("big", 10, 1UL << 40).Key("float", 6, 1.5f).Key("bool", 7, (byte)2).Key("text", Text, "x")
            .Key("bytes", Text, 1UL, (byte)0xFF).Key("texts", Array, Text, 1UL, 1UL, (byte)0xC0)
            .Key("two", Array, U32, 2UL, 1u, 2u).Key("layers", U32, 8u).ToBytes());
        using var file = GgufFile.Open(_path);
        var metadata = file.Metadata;
        Fails<int>("big", "out of range");
        Fails<int>("float", "Float32 where Int32");
        Fails<float>("big", "UInt64 where Single");
        Fails<bool>("bool", "0 or 1, not 2");
        Fails<int>("text", "String where Int32");
        Fails<string>("bytes", "not UTF-8");
        Fails<string[]>("texts", "element 0 is not UTF-8");
        Fails<string[]>("two", "array of UInt32 where String[]");
        Fails<int[]>("layers", "UInt32 where Int32[]");
        Fails<int>("two", "array of UInt32 where Int32");
        Fails<decimal>("layers", "Decimal");
        Fails<int>("absent", "no such key");
        Assert.Equal([8, 8, 8], metadata.PerLayer<int>("layers", 3)!);
        Assert.Equal([1, 2], metadata.PerLayer<int>("two", 2)!);
        Assert.Null(metadata.PerLayer<int>("absent", 2));
        Assert.Contains("2 values for 3", Assert.Throws<GgufException>(() => metadata.PerLayer<int>("two", 3)).Message);
        Assert.Equal("(not UTF-8)", metadata.Describe("bytes"));

        void Fails<T>(string key, string message) where T : notnull
        {
            var error = Assert.Throws<GgufException>(() => metadata.Require<T>(key));
            Assert.Equal(key, error.Field);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused()
    {
        File.WriteAllBytes(_path, new RawGguf { DataBytes = 96 }.Tensor("m", [4, 6], 0, 0).ToBytes());
        using var file = GgufFile.Open(_path);
        file.Matrix("m", 6, 4);
        Assert.Equal(6, file.Stack("m", 1, 6, 4).Rows);
        Assert.Contains("[4, 6]", Assert.Throws<GgufException>(() => file.Matrix("m", 4, 6)).Message);
        Assert.Contains("no such tensor", Assert.Throws<GgufException>(() => file.Vector("n", 4)).Message);
        Assert.Throws<GgufException>(() => file.Vector("m", 24));
        Assert.Throws<GgufException>(() => file.Stack("m", 2, 3, 4));
    }

    [Fact]
    public void The_architecture_is_read_though_what_is_behind_it_is_cut()
    {
        File.WriteAllBytes(_path, new RawGguf().Key("a", U32, 1u).Key("general.architecture", Text, "bert").Key("b", U32, (byte)1).ToBytes());
        Assert.Equal("bert", GgufFile.ReadArchitecture(_path));
        Assert.Throws<GgufException>(() => GgufFile.Open(_path).Dispose());
        File.WriteAllBytes(_path, new RawGguf().Key("a", U32, 1u).ToBytes());
        Assert.Null(GgufFile.ReadArchitecture(_path));
        File.WriteAllBytes(_path, new RawGguf().Key("general.architecture", U32, (byte)1).ToBytes());
        Assert.Throws<GgufException>(() => GgufFile.ReadArchitecture(_path));
    }

    [Fact]
    public void A_missing_file_is_an_io_error() => Assert.Throws<FileNotFoundException>(() => GgufFile.Open(_path + ".gguf"));

    [Fact]
    public void A_folder_is_an_io_error_that_says_so()
    {
        var error = Assert.Throws<IOException>(() => GgufFile.Open(Path.GetTempPath()));
        Assert.Contains("it is a folder", error.Message, StringComparison.Ordinal);
    }

    private static RawGguf Tensor(ulong[] shape, uint type, ulong offset, string name = "t") =>
        new RawGguf { DataBytes = 64 }.Tensor(name, shape, type, offset);
}
