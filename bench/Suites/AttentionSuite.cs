using BenchmarkDotNet.Attributes;
using Causerie.Compute.Kernels;
using Causerie.Compute.Threading;

namespace Causerie.Bench.Suites;

/// <summary>One layer's attention in Llama 3.2 1B's shape, over f16 keys and values.</summary>
public class AttentionSuite
{
    private const int Heads = 32;
    private const int KvHeads = 8;
    private const int HeadDim = 64;
    private static readonly AttentionShape Shape = new(Heads, KvHeads, HeadDim, HeadDim, 0.125f);

    private WorkerPool? _pool;
    private float[] _q = [];
    private KvPages? _kv;
    private int[] _table = [];
    private float[] _output = [];

    [Params(512, 4096)]
    public int Length { get; set; }

    [Params(1, 512)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _pool = new WorkerPool(Threads.Number);
        _q = [.. Enumerable.Range(0, Rows * Heads * HeadDim).Select(i => MathF.Sin(i))];
        float[] keys = [.. Enumerable.Range(0, Length * KvHeads * HeadDim).Select(i => MathF.Sin(i * 0.7f))];
        float[] values = [.. Enumerable.Range(0, Length * KvHeads * HeadDim).Select(i => MathF.Cos(i * 0.3f))];
        _table = [.. Enumerable.Range(0, KvPages.For(Length))];
        _kv = KvPages.F16(1, KvHeads, HeadDim, HeadDim, _table.Length);
        _kv.View(0, _table).Store(0, Length, keys, values, _pool);
        _output = new float[Rows * Heads * HeadDim];
    }

    [GlobalCleanup]
    public void Stop()
    {
        _pool?.Dispose();
        _kv?.Dispose();
    }

    [Benchmark]
    public void Attend() => Attention.Run(Shape, _q, _kv!.View(0, _table), Rows, Length, [], _output, _pool!);
}
