using Causerie.Compute.Memory;

namespace Causerie.Compute.Tests.Memory;

/// <summary>A mapped file gives its bytes, and only those, however they are met.</summary>
public sealed class MappedFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly byte[] _bytes = new byte[100_003];

    public MappedFileTests()
    {
        new Random(1).NextBytes(_bytes);
        File.WriteAllBytes(_path, _bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bytes_are_the_files_however_they_are_met(bool scattered)
    {
        using var file = MappedFile.Open(_path);
        file.ExpectScattered(scattered);
        for (int at = 0; at < _bytes.Length; at += 30_011)
        {
            int length = Math.Min(5000, _bytes.Length - at);
            Assert.Equal(_bytes.AsSpan(at, length), file.Slice(at, length));
        }
    }

    [Fact]
    public void Rows_of_a_file_that_is_cut_are_an_error_and_not_the_end()
    {
        var format = Causerie.Compute.Formats.TensorFormat.All.Values.Single(f => f.Name == "Q8_0");
        using var file = MappedFile.Open(_path);
        var table = WeightMatrix.At(file, 34, format, 20, 4096 - 32); // rows of more than one piece
        float[] before = new float[table.Columns], after = new float[table.Columns];
        table.DequantizeRow(3, before);
        float[] expected = new float[table.Columns];
        format.Dequantize(file.Slice(34 + (3 * table.RowBytes), (int)table.RowBytes), expected);
        Assert.Equal(expected, before);
        using (var handle = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            RandomAccess.SetLength(handle, 34 + (4 * table.RowBytes));
        table.DequantizeRow(3, after);
        Assert.Equal(before, after);
        var error = Assert.Throws<FileChangedException>(() => table.DequantizeRow(4, after));
        Assert.Contains("was cut from 100003", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(100_003, 1)]
    [InlineData(100_000, 4)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void A_slice_outside_is_refused(long offset, int length)
    {
        using var file = MappedFile.Open(_path);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(offset, length).Length);
    }

    [Fact]
    public void A_closed_file_takes_no_advice()
    {
        var file = MappedFile.Open(_path);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ExpectScattered(true));
    }

    [Fact]
    public void An_empty_file_takes_advice_and_has_no_bytes()
    {
        File.WriteAllBytes(_path, []);
        using var file = MappedFile.Open(_path);
        file.ExpectScattered(true);
        Assert.Equal(0, file.Slice(0, 0).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_002)]
    public void A_file_that_was_cut_is_told(int length)
    {
        using var file = MappedFile.Open(_path);
        file.ThrowIfChanged();
        Change(length);
        var cut = Assert.Throws<FileChangedException>(file.ThrowIfChanged);
        Assert.Contains($"cut from 100003 to {length} bytes", cut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_written_to_is_told_and_one_that_was_replaced_is_not()
    {
        using (var file = MappedFile.Open(_path))
        {
            File.WriteAllBytes(_path + ".new", [1, 2, 3]);
            File.Move(_path + ".new", _path, overwrite: true);
            file.ThrowIfChanged();
        }

        using (var file = MappedFile.Open(_path))
        {
            File.SetLastWriteTimeUtc(_path, DateTime.UnixEpoch);
            Assert.Throws<FileChangedException>(file.ThrowIfChanged);
            File.Delete(_path);
        }
    }

    public void Dispose() => File.Delete(_path);

    private void Change(long length)
    {
        using var handle = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.SetLength(handle, length);
    }
}
