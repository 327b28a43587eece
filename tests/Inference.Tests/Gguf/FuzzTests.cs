using Causerie.Compute.Memory;
using Causerie.Inference.Gguf;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Tests.Gguf;

/// <summary>Mutations of a good file: refused or read, but never another error, and never more memory than the file has bytes.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int DataFloats = 32 * 1024;

    // A folder in memory where there is one: the file is written a hundred thousand times.
    private readonly string _path = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"causerie-fuzz-{Guid.NewGuid():N}.gguf");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Twenty_five_thousand_mutations_in_place(int seed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not let a mapped file be written.");
        byte[] good = GoodFile(out int headerLength);
        File.WriteAllBytes(_path, good);
        using var mapped = MappedFile.Open(_path);
        using var handle = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var random = new Xoshiro256((ulong)seed);
        int accepted = 0;
        for (int round = 0; round < 25_000; round++)
        {
            byte[] bad = Mutate(good.AsSpan(0, headerLength), random);
            RandomAccess.Write(handle, bad, 0);
            accepted += Reads(mapped, $"seed {seed}, round {round}") ? 1 : 0;
        }
        // Some mutations hit values that may be anything; were none or all accepted, the test would test nothing.
        Assert.InRange(accepted, 1_000, 20_000);
    }

    [Fact]
    public void Three_thousand_mutations_that_change_the_length()
    {
        byte[] good = GoodFile(out int headerLength);
        var random = new Xoshiro256(9);
        for (int round = 0; round < 3_000; round++)
        {
            var bytes = new List<byte>(good);
            int at = (int)(random.Next() % (ulong)(round % 4 == 0 ? good.Length : headerLength));
            if (round % 3 == 0)
                bytes.RemoveRange(at, bytes.Count - at);
            else if (round % 3 == 1)
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + (int)(random.Next() % 9)));
            else
                bytes.InsertRange(at, new byte[1 + (random.Next() % 9)]);
            File.WriteAllBytes(_path, [.. bytes]);
            using var mapped = MappedFile.Open(_path);
            Reads(mapped, $"round {round}", floor: good.Length);
            File.Delete(_path);
        }
    }

    private static bool Reads(MappedFile mapped, string where, long floor = 0)
    {
        try
        {
            // What is read of it may stand before what is wrong.
            GgufShard.ParseUpTo(mapped, "general.architecture").TryGet<string>("general.architecture", out _);
        }
        catch (GgufException)
        {
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool accepted = false;
        try
        {
            var shard = GgufShard.Parse(mapped);
            foreach (var tensor in shard.Tensors)
                mapped.Slice(tensor.Offset, checked((int)tensor.Length));
            foreach (string key in shard.Metadata.Keys)
                shard.Metadata.Describe(key);
            VocabularyReader.Read(shard.Metadata);
            accepted = true;
        }
        catch (GgufException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"{where}: {e}");
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= Math.Max(floor, mapped.Length), $"{where}: {allocated} bytes for a file of {mapped.Length}");
        return accepted;
    }

    private static byte[] Mutate(ReadOnlySpan<byte> good, Xoshiro256 random)
    {
        ReadOnlySpan<ulong> extremes =
        [
            0, 1, 2, 0x7F, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 32, 1UL << 40, 1UL << 61, 1UL << 62,
            1UL << 63, ulong.MaxValue, ulong.MaxValue - 7, long.MaxValue, (1UL << 32) + 1,
        ];
        byte[] bad = good.ToArray();
        for (int change = 1 + (int)(random.Next() % 3); change > 0; change--)
        {
            int at = (int)(random.Next() % (ulong)bad.Length);
            switch (random.Next() % 4)
            {
                case 0:
                    bad[at] = (byte)random.Next();
                    break;
                case 1:
                    bad[at] ^= (byte)(1 << (int)(random.Next() % 8));
                    break;
                case 2:
                    byte[] extreme = BitConverter.GetBytes(extremes[(int)(random.Next() % (ulong)extremes.Length)]);
                    int width = (int)(random.Next() % 2 * 4) + 4;
                    extreme.AsSpan(0, Math.Min(width, bad.Length - at)).CopyTo(bad.AsSpan(at));
                    break;
                default:
                    int from = (int)(random.Next() % (ulong)bad.Length);
                    int length = (int)(random.Next() % 24);
                    length = Math.Min(length, bad.Length - Math.Max(at, from));
                    good.Slice(from, length).CopyTo(bad.AsSpan(at));
                    break;
            }
        }
        return bad;
    }

    private static byte[] GoodFile(out int headerLength)
    {
        var writer = new GgufWriter(64);
        writer.Add("general.architecture", "llama");
        writer.Add("u8", (byte)1);
        writer.Add("i64", -1L);
        writer.Add("f64", 0.5);
        writer.Add("flags", new[] { true, false });
        writer.Add("numbers", new ushort[] { 1, 2, 3 });
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.tokens", new[] { "a", "b", "ab", "é", "<s>" });
        writer.Add("tokenizer.ggml.scores", new[] { 0f, -1, -2, -3, -4 });
        writer.Add("tokenizer.ggml.token_type", new[] { 1, 1, 1, 1, 3 });
        writer.Add("tokenizer.ggml.merges", new[] { "a b" });
        writer.Add("tokenizer.ggml.bos_token_id", 4u);
        writer.Add("tokenizer.ggml.add_bos_token", true);
        writer.AddTensor("v", [16], new float[16]);
        writer.AddTensor("m", [4, 3], new float[12]);
        writer.AddTensor("big", [DataFloats / 64, 4, 4, 4], new float[DataFloats]);
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        headerLength = (int)stream.Length - (DataFloats * 4) - 128;
        return stream.ToArray();
    }
}
