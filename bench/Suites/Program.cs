using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Causerie.Bench.Suites;

// Suites of kernels and of what stands around them, under BenchmarkDotNet.
// usage: dotnet run -c Release --project bench/Suites -- --filter '*MatMul*'      (--list flat names them all)
// CAUSERIE_THREADS names the threads of the kernels, 1 unless it is set. Results go to artifacts/benchmarks too.
//
// In this process: the harness would else build a project of its own, which this repository's folders do not suit.
var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddColumn(new RateColumn("GMAC/s", benchmark => benchmark.Products))
    .AddColumn(new RateColumn("GB/s", benchmark => benchmark.BytesRead))
    .HideColumns(Column.Error, Column.RatioSD)
    .WithArtifactsPath(Path.Combine(Data.Checkout, "artifacts", "benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(MatMulSuite).Assembly).Run(args, config);
