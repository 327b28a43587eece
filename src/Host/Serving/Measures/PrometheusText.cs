using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Causerie.Host.Serving.Measures;

/// <summary>Listens to one <see cref="Meter"/> and writes what it heard in Prometheus' text format 0.0.4.</summary>
/// <remarks>Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.</remarks>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
                listener.EnableMeasurementEvents(instrument, Open(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (_lock)
        {
            foreach (var family in _families.Values)
                family.Write(text);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private Family Open(Instrument instrument)
    {
        var family = new Family(instrument);
        lock (_lock)
        {
            _families[family.Name] = family;
        }

        return family;
    }

    private void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = Labels(tags);
        lock (_lock)
        {
            ((Family)state!).Record(labels, value);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            string escaped = Convert.ToString(value, CultureInfo.InvariantCulture)!
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(key).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    private sealed class Family
    {
        private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
        private readonly string _help;
        private readonly string _kind;
        private readonly double[] _bounds;

        public Family(Instrument instrument)
        {
            bool counts = instrument is Counter<long>;
            Name = counts ? instrument.Name + "_total" : instrument.Name;
            _kind = counts ? "counter" : instrument is Histogram<double> ? "histogram" : "gauge";
            _bounds = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? []];
            _help = instrument.Description ?? "";
            Sums = counts || instrument is UpDownCounter<long>;
        }

        public string Name { get; }

        private bool Sums { get; }

        public void Record(string labels, double value)
        {
            if (!_series.TryGetValue(labels, out var series))
                _series[labels] = series = new Series(new long[_bounds.Length]);
            series.Value = Sums || _kind == "histogram" ? series.Value + value : value;
            series.Count++;
            for (int i = 0; i < _bounds.Length; i++)
            {
                if (value <= _bounds[i])
                    series.Buckets[i]++;
            }
        }

        public void Write(StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {_help}\n# TYPE {Name} {_kind}\n");
            foreach (var (labels, series) in _series)
            {
                if (_kind != "histogram")
                {
                    Line(text, "", labels, series.Value);
                    continue;
                }

                string comma = labels.Length == 0 ? "" : ",";
                for (int i = 0; i < _bounds.Length; i++)
                    Line(text, "_bucket", $"{labels}{comma}le=\"{Number(_bounds[i])}\"", series.Buckets[i]);
                Line(text, "_bucket", $"{labels}{comma}le=\"+Inf\"", series.Count);
                Line(text, "_sum", labels, series.Value);
                Line(text, "_count", labels, series.Count);
            }
        }

        private void Line(StringBuilder text, string suffix, string labels, double value) =>
            text.Append(Name).Append(suffix).Append(labels.Length == 0 ? "" : $"{{{labels}}}")
                .Append(' ').Append(Number(value)).Append('\n');

        private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Series(long[] buckets)
    {
        public double Value { get; set; }

        public long Count { get; set; }

        public long[] Buckets { get; } = buckets;
    }
}
