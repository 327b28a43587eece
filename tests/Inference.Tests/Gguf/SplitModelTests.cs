using Causerie.Inference.Gguf;

namespace Causerie.Inference.Tests.Gguf;

public sealed class SplitModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-split").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_shard_opens_them_all()
    {
        Write(1);
        Write(2);
        Write(3);
        using var file = GgufFile.Open(NameOf(1));
        Assert.Equal(["t1", "t2", "t3"], file.Tensors.Keys);
        Assert.Equal([2, 2], file.Vector("t2", 2));
        Assert.Equal([NameOf(1), NameOf(2), NameOf(3)], file.Paths);
        Assert.Equal(file.Paths.Sum(path => new FileInfo(path).Length), file.TotalBytes);
        Assert.Equal("first", file.Metadata.Require<string>("general.name"));
    }

    [Fact]
    public void Another_shard_is_refused_and_tells_the_first()
    {
        Write(1);
        Write(2);
        Write(3);
        Fails(2, "shard 2 of 3", NameOf(1));
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        Write(1);
        Write(3);
        Fails(1, "shard 2 of 3 is missing", NameOf(2));
    }

    [Fact]
    public void A_shard_of_another_model_is_refused()
    {
        Write(1);
        Write(2, count: 4);
        Write(3);
        Fails(1, NameOf(2), "split.count", "do not belong together");
    }

    [Fact]
    public void A_renamed_shard_is_refused()
    {
        Write(1);
        Write(2, number: 3);
        Write(3);
        Fails(1, NameOf(2), "split.no", "renamed");
    }

    [Fact]
    public void A_name_without_numbers_is_refused()
    {
        Write(1);
        File.Move(NameOf(1), Path.Combine(_folder, "other.gguf"));
        var error = Assert.Throws<GgufException>(() => GgufFile.Open(Path.Combine(_folder, "other.gguf")));
        Assert.Contains("-00001-of-00003.gguf", error.Message, StringComparison.Ordinal);
        Write(1, count: 2);
        Fails(1, "says 2 shards, its name another");
    }

    [Fact]
    public void A_tensor_in_two_shards_is_refused()
    {
        Write(1);
        Write(2, tensor: "t1");
        Write(3);
        Fails(1, NameOf(2), "t1", "is also in");
    }

    [Fact]
    public void Too_few_tensors_are_refused()
    {
        Write(1, total: 4);
        Write(2);
        Write(3);
        Fails(1, "split.tensors.count", "hold 3 tensors; there should be 4");
    }

    [Fact]
    public void A_damaged_shard_is_named()
    {
        Write(1);
        Write(2);
        File.WriteAllText(NameOf(3), "nothing");
        Fails(1, NameOf(3), "magic");
    }

    private void Fails(int number, params string[] parts)
    {
        var error = Assert.Throws<GgufException>(() => GgufFile.Open(NameOf(number)));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private string NameOf(int number) => Path.Combine(_folder, $"model-{number:D5}-of-00003.gguf");

    private void Write(int place, int? number = null, int count = 3, string? tensor = null, int total = 3)
    {
        var writer = new GgufWriter();
        if (place == 1)
            writer.Add("general.name", "first");
        writer.Add("split.no", (ushort)((number ?? place) - 1));
        writer.Add("split.count", (ushort)count);
        writer.Add("split.tensors.count", total);
        writer.AddTensor(tensor ?? $"t{place}", [2], [place, place]);
        using var stream = File.Create(NameOf(place));
        writer.WriteTo(stream);
    }
}
