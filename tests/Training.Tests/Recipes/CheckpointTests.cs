using Causerie.Training.Corpus;
using Causerie.Training.Recipes;

namespace Causerie.Training.Tests.Recipes;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly Checkpoint _checkpoint = new(
        UInt128.MaxValue / 3, 7, 1234567890123, [1, 2, 3], [0.5f, -1], [3, 4], [5, float.Epsilon]);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_was_written_is_read()
    {
        _checkpoint.Write(_path);
        var read = Checkpoint.Read(_path);
        Assert.Equal(_checkpoint.Origin, read.Origin);
        Assert.Equal(7, read.Step);
        Assert.Equal(1234567890123, read.NextDocument);
        Assert.Equal(_checkpoint.Losses, read.Losses);
        Assert.Equal(_checkpoint.Parameters, read.Parameters);
        Assert.Equal(_checkpoint.Mean, read.Mean);
        Assert.Equal(_checkpoint.Square, read.Square);
    }

    [Fact]
    public void Any_altered_byte_and_any_cut_is_found()
    {
        _checkpoint.Write(_path);
        byte[] whole = File.ReadAllBytes(_path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] altered = [.. whole];
            altered[i] ^= 0x40;
            File.WriteAllBytes(_path, altered);
            Assert.Throws<CorpusException>(() => Checkpoint.Read(_path));
            File.WriteAllBytes(_path, whole[..i]);
            Assert.Throws<CorpusException>(() => Checkpoint.Read(_path));
        }
        File.WriteAllBytes(_path, [.. whole, 0]);
        Assert.Throws<CorpusException>(() => Checkpoint.Read(_path));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains(
            "nowhere", Assert.Throws<CorpusException>(() => Checkpoint.Read("nowhere/at-all")).Message, StringComparison.Ordinal);
}
