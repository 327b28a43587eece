using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;

namespace Causerie.Inference.Tests.Panels;

/// <summary>The key is the model's as it was opened: of every shard, and of no file that took its place.</summary>
public sealed class SourceKeyTests : IDisposable
{
    private static readonly DateTime Then = new(2025, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-key-").FullName;

    public SourceKeyTests()
    {
        foreach (int number in new[] { 1, 2 })
        {
            var writer = new GgufWriter();
            writer.Add("split.no", (ushort)(number - 1));
            writer.Add("split.count", (ushort)2);
            writer.AddTensor($"t{number}", [100_003], new float[100_003]);
            using (var stream = File.Create(Shard(number)))
                writer.WriteTo(stream);
            File.SetLastWriteTimeUtc(Shard(number), Then);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_the_same_for_the_same_files_wherever_they_lie()
    {
        string key = Key(out string name);
        Assert.Equal(key, Key(out string again));
        Assert.Equal(name, again);
        string elsewhere = Path.Combine(_folder, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        foreach (int number in new[] { 1, 2 })
            File.Move(Shard(number), Path.Combine(elsewhere, Path.GetFileName(Shard(number))));
        using var file = GgufFile.Open(Path.Combine(elsewhere, Path.GetFileName(Shard(1))));
        Assert.Equal(key, Convert.ToHexString(SourceKey.Of(file)));
        Assert.NotEqual(name, SourceKey.FileName(file, SourceKey.Of(file)).Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_change_of_any_shard_changes_it(int number)
    {
        string key = Key(out _);
        byte[] good = File.ReadAllBytes(Shard(number));
        foreach (int at in new[] { good.Length - 1, good.Length - 64, good.Length / 64 * 32, 1000 })
        {
            byte[] bad = [.. good];
            bad[at] ^= 1;
            File.WriteAllBytes(Shard(number), bad);
            File.SetLastWriteTimeUtc(Shard(number), Then);
            Assert.True(key != Key(out _), $"byte {at} of {good.Length}");
        }

        File.WriteAllBytes(Shard(number), good);
        File.SetLastWriteTimeUtc(Shard(number), Then.AddTicks(1));
        Assert.NotEqual(key, Key(out _));
        File.SetLastWriteTimeUtc(Shard(number), Then);
        Assert.Equal(key, Key(out _));
    }

    [Fact]
    public void A_file_that_takes_the_place_of_an_open_one_does_not_change_it()
    {
        string key = Key(out _);
        using var file = GgufFile.Open(Shard(1));
        File.WriteAllText(Path.Combine(_folder, "new"), "something else");
        File.Move(Path.Combine(_folder, "new"), Shard(2), overwrite: true);
        File.Delete(Shard(1));
        Assert.Equal(key, Convert.ToHexString(SourceKey.Of(file)));
    }

    private string Shard(int number) => Path.Combine(_folder, $"model-{number:D5}-of-00002.gguf");

    private string Key(out string name)
    {
        using var file = GgufFile.Open(Shard(1));
        byte[] key = SourceKey.Of(file);
        name = SourceKey.FileName(file, key).Name;
        return Convert.ToHexString(key);
    }
}
