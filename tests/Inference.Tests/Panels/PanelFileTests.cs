using System.Buffers.Binary;
using System.IO.Hashing;
using Causerie.Compute.Formats;
using Causerie.Compute.Memory;
using Causerie.Inference.Panels;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Tests.Panels;

/// <summary>A head is taken when it is the expected one to the bit, and refused otherwise without another error.</summary>
public sealed class PanelFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly MappedFile _source;
    private readonly WeightPanels _panels;
    private readonly byte[] _key = [.. Enumerable.Range(1, PanelFile.KeyBytes).Select(i => (byte)i)];
    private readonly ulong[] _pieces = [11, ulong.MaxValue, 0];
    private readonly byte[] _head;
    private readonly long _length;

    public PanelFileTests()
    {
        // 40 MB that take no room, so that the panels have three pieces.
        using (var stream = File.OpenWrite(_path))
            stream.SetLength(40 << 20);
        _source = MappedFile.Open(_path);
        _panels = WeightPanels.Of(
            [Matrix(0, 0, 100, 32), Matrix(20_000, 12, 7, 512), Matrix(1 << 20, 8, 1100, 32 * 1000)]);
        _head = PanelFile.Write(_panels, _key, _pieces);
        _length = PanelFile.StartOf(_panels) + _panels.Bytes;
    }

    public void Dispose()
    {
        _source.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.Equal(3, PanelFile.PiecesOf(_panels.Bytes));
        Assert.Equal(4096, PanelFile.StartOf(_panels));
        Assert.Equal("CAUPANEL"u8, _head.AsSpan(0, 8));
        Assert.True(PanelFile.TryRead(_head, _length, _panels, _key, out var read, out _));
        Assert.Equal(_pieces, read.Pieces);
        Assert.Equal(4096, read.Start);
        Assert.True(PanelFile.TryRead([.. _head, 1, 2, 3], _length, _panels, _key, out _, out _));
    }

    [Fact]
    public void A_file_of_another_length_is_cut()
    {
        for (int length = 0; length < _head.Length; length++)
            Assert.Equal("it is cut", Refused(_head.AsSpan(0, length), _length));
        foreach (long length in new[] { 0, 1, 4095, 4096, _length - 1, _length + 1, _length - 4096, long.MaxValue, -1 })
            Assert.Equal("it is cut", Refused(_head, length));
    }

    [Fact]
    public void Every_flipped_bit_of_the_head_is_refused()
    {
        byte[] bad = [.. _head];
        for (int bit = 0; bit < 8 * bad.Length; bit++)
        {
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Refused(bad, _length);
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Thirty_thousand_mutations_are_refused()
    {
        var random = new Xoshiro256(5);
        for (int round = 0; round < 30_000; round++)
        {
            byte[] bad = [.. _head];
            for (int change = (int)(random.Next() % 4); change >= 0; change--)
            {
                // Half of them where something stands.
                int at = (int)(random.Next() % (random.Next() % 2 == 0 ? 256u : (ulong)bad.Length));
                int count = Math.Min(1 + (int)(random.Next() % 16), bad.Length - at);
                if (random.Next() % 3 == 0)
                    bad.AsSpan((int)(random.Next() % (ulong)(bad.Length - count)), count).CopyTo(bad.AsSpan(at));
                else
                    for (int i = 0; i < count; i++)
                        bad[at + i] = (byte)random.Next();
            }

            int length = round % 5 == 0 ? (int)(random.Next() % (ulong)bad.Length) : bad.Length;
            if (length < bad.Length || !bad.AsSpan().SequenceEqual(_head))
                Refused(bad.AsSpan(0, length), _length);
        }
    }

    [Fact]
    public void Weights_of_another_key_are_refused()
    {
        for (int i = 0; i < _key.Length; i++)
        {
            byte[] other = [.. _key];
            other[i] ^= 0x10;
            Assert.False(PanelFile.TryRead(_head, _length, _panels, other, out _, out string problem));
            Assert.Contains("other weights", problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(8)] // version
    [InlineData(12)] // length of the head
    [InlineData(48)] // matrices
    [InlineData(52)] // pieces
    [InlineData(56)] // format
    [InlineData(60)] // rows
    [InlineData(64)] // columns
    [InlineData(68)] // order of bytes
    [InlineData(76)] // place in the source
    [InlineData(84)] // offset
    [InlineData(92)] // length
    public void A_sound_head_that_says_something_else_is_refused(int at)
    {
        byte[] other = [.. _head];
        other[at]++;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_head.AsSpan(12));
        BinaryPrimitives.WriteUInt64LittleEndian(
            other.AsSpan(length - 8), XxHash3.HashToUInt64(other.AsSpan(0, length - 8)));
        Refused(other, _length);
    }

    [Fact]
    public void Matrices_of_one_shape_in_another_order_are_other_weights()
    {
        var (first, second) = (Matrix(0, 8, 16, 64), Matrix(4096, 8, 16, 64));
        var panels = WeightPanels.Of([first, second]);
        byte[] head = PanelFile.Write(panels, _key, [1]);
        long length = PanelFile.StartOf(panels) + panels.Bytes;
        Assert.True(PanelFile.TryRead(head, length, panels, _key, out _, out _));
        Assert.False(PanelFile.TryRead(head, length, WeightPanels.Of([second, first]), _key, out _, out _));
    }

    private WeightMatrix Matrix(long offset, int format, int rows, int columns) =>
        WeightMatrix.At(_source, offset, TensorFormat.All[format], rows, columns);

    private string Refused(ReadOnlySpan<byte> file, long length)
    {
        Assert.False(PanelFile.TryRead(file, length, _panels, _key, out var read, out string problem));
        Assert.Null(read);
        return problem;
    }
}
