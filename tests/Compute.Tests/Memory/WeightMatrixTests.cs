using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Memory;

/// <summary>Nothing outside the file is reachable, and nothing of a closed file.</summary>
public sealed class WeightMatrixTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly TensorFormat _f32 = TensorFormat.All[0];

    public void Dispose() => File.Delete(_path);

    private MappedFile Open(int bytes)
    {
        File.WriteAllBytes(_path, [.. Enumerable.Range(0, bytes).Select(i => (byte)i)]);
        return MappedFile.Open(_path);
    }

    [Fact]
    public void Slices_lie_inside_the_file()
    {
        using var file = Open(100);
        Assert.Equal(100, file.Length);
        Assert.Equal(5, file.Slice(5, 10)[0]);
        Assert.True(file.Slice(100, 0).IsEmpty);
        foreach (var (offset, length) in new[] { (-1L, 1), (0L, 101), (100L, 1), (101L, 0), (long.MaxValue, 1), (0L, -1) })
            Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(offset, length).Length);
    }

    [Fact]
    public void An_empty_file_maps_to_no_bytes()
    {
        using var file = Open(0);
        Assert.True(file.Slice(0, 0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(0, 1).Length);
    }

    [Fact]
    public void Matrices_lie_inside_the_file()
    {
        using var file = Open(64 * 4);
        Assert.Equal(4, WeightMatrix.At(file, 0, _f32, 4, 16).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightMatrix.At(file, 1, _f32, 4, 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightMatrix.At(file, 0, _f32, 5, 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightMatrix.At(file, 0, _f32, int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightMatrix.At(file, 0, TensorFormat.All[2], 1, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightMatrix.At(file, 0, _f32, -1, 16));
        var matrix = WeightMatrix.At(file, 0, _f32, 4, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Slice(1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Slice(int.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantizeRow(4, new float[16]));
        Assert.Throws<ArgumentException>(() => matrix.DequantizeRow(0, new float[15]));
    }

    [Fact]
    public void A_closed_file_is_refused_rather_than_read()
    {
        var file = Open(64 * 4);
        var matrix = WeightMatrix.At(file, 0, _f32, 4, 16);
        file.Dispose();
        file.Dispose();
        using var pool = new WorkerPool(1);
        Assert.Throws<ObjectDisposedException>(() => file.Slice(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => matrix.DequantizeRow(0, new float[16]));
        Assert.Throws<ObjectDisposedException>(() => MatMul.Multiply(matrix, new float[16], 1, new float[4], pool));
        Assert.Throws<ObjectDisposedException>(() => WeightMatrix.At(file, 0, _f32, 4, 16));
    }

    [Fact]
    public void A_file_is_known_as_it_was_opened()
    {
        using var file = Open(100);
        var changed = File.GetLastWriteTimeUtc(_path);
        Assert.Equal((changed, _path), (file.Changed, file.Path));
        File.WriteAllText(_path + ".new", "another");
        File.SetLastWriteTimeUtc(_path + ".new", changed.AddDays(1));
        File.Move(_path + ".new", _path, overwrite: true);
        Assert.Equal((changed, 100L, 7), (file.Changed, file.Length, file.Slice(7, 1)[0]));
    }

    [Fact]
    public void Two_threads_that_close_a_file_close_it_once()
    {
        for (int round = 0; round < 50; round++)
        {
            var file = Open(64);
            var matrix = WeightMatrix.At(file, 0, _f32, 1, 16);
            using var both = new Barrier(2);
            var other = new Thread(() =>
            {
                both.SignalAndWait(TestContext.Current.CancellationToken);
                file.Dispose();
            });
            other.Start();
            both.SignalAndWait(TestContext.Current.CancellationToken);
            file.Dispose();
            other.Join();
            Assert.Throws<ObjectDisposedException>(() => matrix.DequantizeRow(0, new float[16]));
        }
    }
}
