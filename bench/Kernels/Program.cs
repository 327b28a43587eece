using System.Globalization;
using Causerie.Compute.Bench;
using Causerie.Compute.Formats;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

// Medians of whole MatMul calls on random weights: one column (generation) and many (prompts).
// usage: dotnet run -c Release --project bench/Kernels [formats, comma separated] [threads] [widths, comma separated]
//        dotnet run -c Release --project bench/Kernels batches [formats] [threads]  (few columns, weights from memory)
//        dotnet run -c Release --project bench/Kernels tiles     (the integer kernels alone, managed and emitted)
//        dotnet run -c Release --project bench/Kernels attention (whole calls of attention)
//        dotnet run -c Release --project bench/Kernels gemm [threads]  (the products of training)
//        dotnet run -c Release --project bench/Kernels joins     (runs of the pool that do nothing)
// CAUSERIE_EMITTED=0 keeps whole products on managed kernels.
if (Environment.GetEnvironmentVariable("CAUSERIE_EMITTED") == "0")
    AppContext.SetSwitch(Instructions.EmittedSwitch, false);
if (args is ["joins"])
{
    JoinTiming.Run();
    return;
}

if (args is ["gemm", ..])
{
    GemmTiming.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1);
    return;
}

if (args is ["batches", ..])
{
    int[] columns = [1, 2, 4, 8, 16, 32, 64, 128, 512];
    int workers = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
    Console.WriteLine($"{workers} threads; G multiply-adds a second with weights from memory, by columns");
    Console.WriteLine($"| format | {string.Join(" | ", columns)} |\n|---|{string.Concat(columns.Select(_ => "---|"))}");
    foreach (string name in (args.Length > 1 ? args[1] : "Q4_0,Q4_K,Q6_K,Q8_0,F16").Split(','))
    {
        var format = TensorFormat.All.Values.Single(f => f.Name == name);
        var rates = columns.Select(count => MatMulTiming.Measure(format, VectorWidths.Widest(), workers, 64, count).Products);
        Console.WriteLine($"| {name} | {string.Join(" | ", rates.Select(rate => $"{rate / 1e9:F0}"))} |");
    }

    return;
}

if (args is ["tiles"])
{
    TileTiming.Run();
    return;
}

if (args is ["attention"])
{
    AttentionTiming.Run();
    return;
}

string[] names = args.Length > 0 && args[0] != "all"
    ? args[0].Split(',')
    : [.. TensorFormat.All.Values.Select(f => f.Name)];
int threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
var widths = args.Length > 2
    ? args[2].Split(',').Select(Enum.Parse<VectorWidth>)
    : Enum.GetValues<VectorWidth>().Where(w => w >= VectorWidth.Bits256 && w.IsSupported());

Console.WriteLine($"{threads} threads; read limit {ReadBandwidth.Measure(threads):F1} GB/s");
Console.WriteLine("| format | width | one column GB/s | one column GMAC/s | 256 columns GMAC/s |");
Console.WriteLine("|---|---|---|---|---|");
foreach (string name in names)
{
    var format = TensorFormat.All.Values.Single(f => f.Name == name);
    foreach (var width in widths)
    {
        var (bytes, one) = MatMulTiming.Measure(format, width, threads, megabytes: 64, columns: 1);
        var (_, many) = MatMulTiming.Measure(format, width, threads, megabytes: 2, columns: 256);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {width} | {bytes / 1e9:F1} | {one / 1e9:F1} | {many / 1e9:F1} |"));
    }
}
