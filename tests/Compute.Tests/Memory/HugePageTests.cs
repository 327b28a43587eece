using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Memory;

/// <summary>Weights that move to huge pages are the same weights, before, while and after they move.</summary>
public sealed class HugePageTests : IDisposable
{
    private const int Rows = 333;
    private const int Columns = 1024;

    private readonly string _path = Path.GetTempFileName();
    private readonly RandomWeights _weights = new(
        TensorFormat.All.Values.Single(f => f.Name == "Q4_0"), Rows, Columns, seed: 5);

    private readonly WeightPanels _panels;
    private readonly MappedFile _file;
    private readonly float[] _expected;

    public HugePageTests()
    {
        using var pool = new WorkerPool(2);
        _expected = Product(_weights.Matrix, pool);
        var built = _weights.Again();
        var copy = WeightPanels.Of([built]);
        using (copy.Build(pool))
            File.WriteAllBytes(_path, copy.Slice(0, (int)copy.Bytes).ToArray());
        _file = MappedFile.Open(_path);
        _panels = WeightPanels.Of([_weights.Matrix]);
        _panels.Adopt(_file, 0);
    }

    [Fact]
    public void Products_go_on_while_weights_move()
    {
        Assert.SkipUnless(AnonymousMemory.HasHugePages, "The system has no huge pages to give.");
        using var pool = new WorkerPool(2);
        Assert.Equal(_expected, Product(_weights.Matrix, pool));
        MemoryRegion? moved = null;
        var mover = new Thread(() => moved = _panels.MoveToHugePages(CancellationToken.None));
        mover.Start();
        do
            Assert.Equal(_expected, Product(_weights.Matrix, pool));
        while (mover.IsAlive);
        mover.Join();
        Assert.NotNull(moved);
        Assert.Equal(_expected, Product(_weights.Matrix, pool));
        _file.Dispose(); // Nothing is read there any more.
        Assert.Equal(_expected, Product(_weights.Matrix, pool));
        moved.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Product(_weights.Matrix, pool));
    }

    [Fact]
    public void A_move_that_is_given_up_leaves_weights_in_the_file()
    {
        Assert.SkipUnless(AnonymousMemory.HasHugePages, "The system has no huge pages to give.");
        using var pool = new WorkerPool(1);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using (_panels.MoveToHugePages(stop.Token))
            Assert.Equal(_expected, Product(_weights.Matrix, pool));
        Assert.Equal(_expected, Product(_weights.Matrix, pool));
    }

    public void Dispose()
    {
        _file.Dispose();
        _weights.Dispose();
        File.Delete(_path);
    }

    private static float[] Product(WeightMatrix matrix, WorkerPool pool)
    {
        float[] y = new float[Rows];
        MatMul.Multiply(matrix, RandomWeights.Activations(Columns, seed: 1), 1, y, pool);
        return y;
    }
}
