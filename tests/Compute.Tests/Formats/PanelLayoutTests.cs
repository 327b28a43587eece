using Causerie.Compute.Formats;

namespace Causerie.Compute.Tests.Formats;

/// <summary>Panels have every byte of the rows, and nothing else.</summary>
public sealed unsafe class PanelLayoutTests
{
    public static TheoryData<string> Formats => [.. TensorFormat.All.Values.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_is_packed_is_taken_out_again(string name)
    {
        var layout = TensorFormat.All.Values.Single(f => f.Name == name).Layout;
        const int Most = 5, Guard = 64;
        var random = new Random(name.Length);
        byte[] noise = new byte[(16 * ((Most * layout.Bytes) + 7)) + 16];
        random.NextBytes(noise);
        byte[] block = new byte[layout.Bytes];
        foreach (int units in new[] { 1, 2, Most })
        {
            for (int rows = 1; rows <= PanelLayout.Rows; rows++)
            {
                int lead = (rows * 3) % 16, shift = rows % 5; // where rows begin, where the panel begins
                int stride = (units * layout.Bytes) + (rows % 8); // rows need not lie behind one another
                byte[] target = new byte[Guard + shift + (layout.UnitBytes * units) + Guard];
                Array.Fill(target, (byte)0xA5);
                fixed (byte* from = noise, to = target)
                {
                    byte* panel = to + Guard + shift;
                    layout.Pack(from + lead, stride, rows, units, panel);
                    for (int unit = 0; unit < units; unit++)
                    {
                        for (int row = 0; row < PanelLayout.Rows; row++)
                        {
                            layout.Take(panel + (layout.UnitBytes * unit), row, block);
                            byte[] expected = new byte[layout.Bytes];
                            if (row < rows)
                                noise.AsSpan(lead + (stride * row) + (layout.Bytes * unit), layout.Bytes).CopyTo(expected);
                            if (!block.AsSpan().SequenceEqual(expected))
                                Assert.Fail($"{rows} rows of {units} units: unit {unit} of row {row} differs");
                        }
                    }
                }

                Assert.True(target.AsSpan(0, Guard + shift).IndexOfAnyExcept((byte)0xA5) < 0, "written before the panel");
                Assert.True(target.AsSpan(^Guard).IndexOfAnyExcept((byte)0xA5) < 0, "written behind the panel");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Words_of_neighbouring_rows_are_neighbours(string name)
    {
        var layout = TensorFormat.All.Values.Single(f => f.Name == name).Layout;
        byte[] rows = new byte[16 * layout.Bytes];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = (byte)(i / layout.Bytes);
        byte[] panel = new byte[layout.UnitBytes];
        fixed (byte* from = rows, to = panel)
            layout.Pack(from, layout.Bytes, 16, 1, to);
        for (int i = 0; i < layout.Odd * 16; i++)
            Assert.Equal(i / layout.Odd, panel[i]);
        for (int i = layout.Odd * 16; i < panel.Length; i++)
            Assert.Equal((i - (layout.Odd * 16)) / 4 % 16, panel[i]);
    }

    [Fact]
    public void Runs_that_are_not_all_words_once_are_refused()
    {
        byte[][] wrong =
        [
            [0, 3], [0, 5], [1, 4], [0, 4, 0, 1], [0, 2, 1, 2], [0, 0], [2, 2, 0, 1], [3, 1, 2, 1, 1, 1, 1, 1],
        ];
        foreach (byte[] runs in wrong)
            Assert.Throws<ArgumentException>(() => new PanelLayout(32, 18, oddFirst: true, runs));
        Assert.Equal(4, new PanelLayout(32, 18, oddFirst: true, [3, 1, 0, 2, 2, 1]).Words);
    }

    [Fact]
    public void Every_other_order_has_another_fingerprint()
    {
        PanelLayout[] layouts =
        [
            new(32, 18, oddFirst: true, []), new(32, 18, oddFirst: false, []), new(32, 18, oddFirst: true, [1, 3, 0, 1]),
            new(32, 18, oddFirst: true, [0, 2, 3, 1, 2, 1]), new(64, 18, oddFirst: true, []), new(32, 19, oddFirst: true, []),
        ];
        Assert.Equal(layouts.Length, layouts.Select(layout => layout.Fingerprint).Distinct().Count());
        Assert.Equal(
            layouts[0].Fingerprint, new PanelLayout(32, 18, oddFirst: true, [0, 1, 1, 3]).Fingerprint);
    }
}
