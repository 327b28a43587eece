using Causerie.Compute.Formats;
using Causerie.Inference.Gguf;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Every_metadata_type_reads_back()
    {
        object[] values =
        [
            true, (byte)200, (sbyte)-100, (ushort)60000, (short)-30000, 4_000_000_000u, -2_000_000_000,
            18_000_000_000_000_000_000ul, -9_000_000_000_000_000_000L, 1.5f, Math.PI, "déjà vu",
            new[] { true, false }, new byte[] { 1, 255 }, new sbyte[] { -1 }, new ushort[] { 65535 },
            new short[] { -5 }, new[] { 7u }, new[] { -7, 8 }, new[] { ulong.MaxValue }, new[] { long.MinValue },
            new[] { 0.25f }, new[] { 0.1 }, new[] { "a", "", "€" }, Array.Empty<string>(),
        ];
        var writer = new GgufWriter();
        foreach (var (i, value) in values.Index())
            writer.Add($"key.{i}", value);
        Save(writer);

        using var file = GgufFile.Open(_path);
        var metadata = file.Metadata;
        Assert.Equal(values.Length, metadata.Count);
        Assert.True(metadata.Require<bool>("key.0"));
        Assert.Equal(200, metadata.Require<int>("key.1"));
        Assert.Equal(-100, metadata.Require<long>("key.2"));
        Assert.Equal((ushort)60000, metadata.Require<ushort>("key.3"));
        Assert.Equal((short)-30000, metadata.Require<short>("key.4"));
        Assert.Equal(4_000_000_000u, metadata.Require<uint>("key.5"));
        Assert.Equal(-2_000_000_000, metadata.Require<int>("key.6"));
        Assert.Equal(18_000_000_000_000_000_000ul, metadata.Require<ulong>("key.7"));
        Assert.Equal(-9_000_000_000_000_000_000L, metadata.Require<long>("key.8"));
        Assert.Equal(1.5, metadata.Require<double>("key.9"));
        Assert.Equal((float)Math.PI, metadata.Require<float>("key.10"));
        Assert.Equal("déjà vu", metadata.Require<string>("key.11"));
        Assert.Equal([true, false], metadata.Require<bool[]>("key.12"));
        Assert.Equal([1, 255], metadata.Require<byte[]>("key.13"));
        Assert.Equal([-1], metadata.Require<int[]>("key.14"));
        Assert.Equal([65535], metadata.Require<int[]>("key.15"));
        Assert.Equal([-5L], metadata.Require<long[]>("key.16"));
        Assert.Equal([7u], metadata.Require<uint[]>("key.17"));
        Assert.Equal([-7, 8], metadata.Require<int[]>("key.18"));
        Assert.Equal([ulong.MaxValue], metadata.Require<ulong[]>("key.19"));
        Assert.Equal([long.MinValue], metadata.Require<long[]>("key.20"));
        Assert.Equal([0.25f], metadata.Require<float[]>("key.21"));
        Assert.Equal([0.1], metadata.Require<double[]>("key.22"));
        Assert.Equal(["a", "", "€"], metadata.Require<string[]>("key.23"));
        Assert.Empty(metadata.Require<string[]>("key.24"));
        Assert.Equal("[\"a\", \"\", \"€\"] (3 × String)", metadata.Describe("key.23"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(4096)]
    public void Tensors_read_back_at_any_alignment(int alignment)
    {
        float[] vector = [1, 2, 3];
        float[] matrix = [.. Enumerable.Range(0, 9000).Select(i => i / 7f)];
        var writer = new GgufWriter((uint)alignment);
        writer.AddTensor("v", [3], vector);
        writer.AddTensor("m", [90, 100], matrix);
        writer.AddTensor("half", TensorFormat.All[1], [2], stream => stream.Write([0x00, 0x3C, 0x00, 0xC0]));
        Save(writer);

        using var file = GgufFile.Open(_path);
        Assert.Equal(["v", "m", "half"], file.Tensors.Keys);
        Assert.Equal(vector, file.Vector("v", 3));
        Assert.Equal(matrix, file.Values("m", 90, 100));
        Assert.Equal([1, -2], file.Vector("half", 2));
        var row = new float[90];
        file.Matrix("m", 100, 90).DequantizeRow(99, row);
        Assert.Equal(matrix[^90..], row);
        Assert.All(file.Tensors.Values, tensor => Assert.Equal(0, tensor.Offset % alignment));
    }

    [Fact]
    public void What_cannot_be_written_is_refused_by_name()
    {
        var writer = new GgufWriter();
        writer.Add("a", 1);
        Assert.Contains("a was added", Assert.Throws<ArgumentException>(() => writer.Add("a", 2)).Message);
        Assert.Throws<ArgumentException>(() => writer.Add("", 2));
        Assert.Contains("Decimal", Assert.Throws<ArgumentException>(() => writer.Add("b", 2m)).Message);
        Assert.Throws<ArgumentException>(() => writer.AddTensor("t", [0], []));
        Assert.Throws<ArgumentException>(() => writer.AddTensor(new string('t', 64), [1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GgufWriter(24));
        writer.AddTensor("short", TensorFormat.All[0], [2], stream => stream.Write(new byte[4]));
        Assert.Contains("short", Assert.Throws<InvalidOperationException>(() => writer.WriteTo(Stream.Null)).Message);
        var other = new GgufWriter();
        other.AddTensor("long", TensorFormat.All[0], [2], stream => stream.Write(new byte[9]));
        Assert.Throws<InvalidOperationException>(() => other.WriteTo(Stream.Null));
    }

    [Fact]
    public void The_tiny_model_is_a_whole_model()
    {
        TinyModel.Write(_path);
        Assert.Equal(File.ReadAllBytes(_path), TinyModel.Bytes());
        Assert.NotEqual(TinyModel.Bytes(2), TinyModel.Bytes());
        using var file = GgufFile.Open(_path);
        Assert.Equal((2 * 9) + 3, file.Tensors.Count);
        var vocabulary = VocabularyReader.Read(file.Metadata);
        Assert.Equal(TinyModel.Tokens, vocabulary.Tokens);
        Assert.Equal(vocabulary.Tokens.Length, vocabulary.Tokens.Distinct().Count());
        Assert.Equal("<|im_end|>", vocabulary.Tokens[vocabulary.Eot!.Value]);
        Assert.All(vocabulary.Merges, merge => Assert.All(merge.Split(' '), part => Assert.Contains(part, vocabulary.Tokens)));
        file.Matrix("token_embd.weight", vocabulary.Tokens.Length, TinyModel.Width);
    }

    private void Save(GgufWriter writer)
    {
        using var stream = File.Create(_path);
        writer.WriteTo(stream);
    }
}
