using BenchmarkDotNet.Attributes;
using Causerie.Bench.Comparison.Models;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Bench.Suites;

/// <summary>Matrix products of every format that weights can be written in: one column as in generation, and many.</summary>
public class MatMulSuite : IWork
{
    private const int Width = 2048;
    private const int MegabytesForOne = 64; // Beyond the caches of most machines: generation reads from memory.
    private const int RowsForMany = 2048;
    private static readonly string[] Unwritable = ["IQ3_S", "TQ1_0", "TQ2_0"];

    private string _path = "";
    private MappedFile? _file;
    private WorkerPool? _pool;
    private WeightMatrix? _weights;
    private float[] _x = [];
    private float[] _y = [];

    [ParamsSource(nameof(Formats))]
    public string Format { get; set; } = "";

    [Params(1, 64, 512)]
    public int Columns { get; set; }

    public static IEnumerable<string> Formats => TensorFormat.All.Values.Select(f => f.Name).Except(Unwritable);

    [GlobalSetup]
    public void Write()
    {
        var format = TensorFormat.All.Values.Single(f => f.Name == Format);
        int rows = Rows(format, Columns);
        _path = Path.Combine(Path.GetTempPath(), $"causerie-suite-{Environment.ProcessId}-{Format}-{Columns}");
        using (var stream = File.Create(_path))
            NormalWeights.Write(stream, format, (long)rows * Width, 1 / MathF.Sqrt(Width), 1, _ => { });
        _file = MappedFile.Open(_path);
        _weights = WeightMatrix.At(_file, 0, format, rows, Width);
        _pool = new WorkerPool(Threads.Number);
        _x = [.. Enumerable.Range(0, Columns * Width).Select(i => MathF.Sin(i))];
        _y = new float[Columns * rows];
    }

    [GlobalCleanup]
    public void Delete()
    {
        _pool?.Dispose();
        _file?.Dispose();
        File.Delete(_path);
    }

    [Benchmark]
    public void Multiply() => MatMul.Multiply(_weights!, _x, Columns, _y, _pool!);

    double IWork.ProductsOf(IReadOnlyDictionary<string, object> parameters)
    {
        var (format, columns) = Of(parameters);
        return (double)Rows(format, columns) * Width * columns;
    }

    double IWork.BytesOf(IReadOnlyDictionary<string, object> parameters)
    {
        var (format, columns) = Of(parameters);
        return columns == 1 ? format.BytesFor((long)Rows(format, columns) * Width) : 0;
    }

    private static (TensorFormat Format, int Columns) Of(IReadOnlyDictionary<string, object> parameters) => (
        TensorFormat.All.Values.Single(f => f.Name == (string)parameters[nameof(Format)]),
        (int)parameters[nameof(Columns)]);

    private static int Rows(TensorFormat format, int columns) =>
        columns == 1 ? (int)(MegabytesForOne * (1L << 20) / format.BytesFor(Width)) / 16 * 16 : RowsForMany;
}
