using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Causerie.Bench.Suites;

/// <summary>How much work a call does, where a rate says more than a time.</summary>
internal interface IWork
{
    /// <summary>Multiply-adds of one call with these parameters; 0 tells of none.</summary>
    double ProductsOf(IReadOnlyDictionary<string, object> parameters);

    /// <summary>Bytes that one call must read; 0 tells of none.</summary>
    double BytesOf(IReadOnlyDictionary<string, object> parameters);
}

/// <summary>Work by time, thousand million a second.</summary>
/// <param name="name">Of the column.</param>
/// <param name="work">Picks the work.</param>
internal sealed class RateColumn(string name, Func<RateColumn.Work, double> work) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => $"{name} by the mean";

    public bool IsAvailable(Summary summary) =>
        summary.BenchmarksCases.Any(benchmark => typeof(IWork).IsAssignableFrom(benchmark.Descriptor.Type));

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        GetValue(summary, benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics?.Mean is not { } nanoseconds ||
            Activator.CreateInstance(benchmarkCase.Descriptor.Type) is not IWork suite)
            return "-";
        var parameters = benchmarkCase.Parameters.Items.ToDictionary(item => item.Name, item => item.Value);
        double done = work(new Work(suite.ProductsOf(parameters), suite.BytesOf(parameters)));
        return done > 0 ? (done / nanoseconds).ToString("F1", CultureInfo.InvariantCulture) : "-";
    }

    /// <summary>What one call does.</summary>
    internal sealed record Work(double Products, double BytesRead);
}
