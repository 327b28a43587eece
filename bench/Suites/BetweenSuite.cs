using BenchmarkDotNet.Attributes;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Bench.Suites;

/// <summary>What stands between the matrix products: norms and activations in Llama 3.2 1B's shape.</summary>
public class BetweenSuite
{
    private const int Width = 2048;
    private const int FeedForward = 8192;

    private WorkerPool? _pool;
    private float[] _x = [];
    private float[] _addend = [];
    private float[] _y = [];
    private float[] _weight = [];
    private float[] _gate = [];
    private float[] _up = [];

    [Params(1, 512)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _pool = new WorkerPool(Threads.Number);
        _x = Waves(Rows * Width);
        _addend = new float[Rows * Width]; // Nothing, so that sums do not grow from call to call.
        _y = new float[Rows * Width];
        _weight = Waves(Width);
        _gate = Waves(Rows * FeedForward);
        _up = Waves(Rows * FeedForward);
    }

    [GlobalCleanup]
    public void Stop() => _pool?.Dispose();

    [Benchmark]
    public void RmsNormed() => RmsNorm.Apply(_x, _weight, 1e-5f, _y, _pool);

    [Benchmark]
    public void AddedAndRmsNormed() => RmsNorm.AddApply(_x, _addend, _weight, 1e-5f, _y, _pool);

    [Benchmark]
    public void SiluMultiplied()
    {
        // Products of products would fall to subnormal numbers, which cost far more than models ever pay.
        _gate.AsSpan().Fill(0.5f);
        Elementwise.SiluMultiply(_gate, _up, _pool);
    }

    [Benchmark]
    public void GeluMultiplied()
    {
        _gate.AsSpan().Fill(0.5f);
        Elementwise.GeluMultiply(_gate, _up, _pool);
    }

    private static float[] Waves(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))];
}
