using System.Diagnostics.Metrics;

namespace Causerie.Host.Serving.Measures;

/// <summary>What the server measures of itself, as instruments of one <see cref="Meter"/>.</summary>
internal sealed class ServerMeter : IDisposable
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _prompt;
    private readonly Counter<long> _generated;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Histogram<double> _first;
    private readonly Histogram<double> _between;

    public ServerMeter(Func<int> loadedModels)
    {
        Meter = new Meter("causerie");
        _requests = Meter.CreateCounter<long>("causerie_requests", null, "HTTP requests by status.");
        _prompt = Meter.CreateCounter<long>("causerie_prompt_tokens", null, "Prompt tokens read.");
        _generated = Meter.CreateCounter<long>("causerie_generated_tokens", null, "Tokens written.");
        _inFlight = Meter.CreateUpDownCounter<long>("causerie_answers_in_flight", null, "Answers being written.");
        _first = Meter.CreateHistogram(
            "causerie_time_to_first_token_seconds", null, "From the request to the first text.", null,
            Buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60));
        _between = Meter.CreateHistogram(
            "causerie_time_per_token_seconds", null, "Between one text of an answer and the next.", null,
            Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5));
        Meter.CreateObservableGauge("causerie_models_loaded", () => loadedModels(), null, "Models in memory.");
        Meter.CreateObservableGauge(
            "process_resident_memory_bytes", () => Environment.WorkingSet, null, "Memory of the process in RAM.");
        Meter.CreateObservableGauge(
            "process_managed_memory_bytes", () => GC.GetTotalMemory(false), null, "Memory on the managed heap.");
    }

    public Meter Meter { get; }

    public void Request(string method, string route, int status) =>
        _requests.Add(1, new("method", method), new("route", route), new("status", status));

    public void InFlight(int change, string model) => _inFlight.Add(change, new KeyValuePair<string, object?>("model", model));

    public void First(TimeSpan time, string model) =>
        _first.Record(time.TotalSeconds, new KeyValuePair<string, object?>("model", model));

    public void Between(TimeSpan time, string model) =>
        _between.Record(time.TotalSeconds, new KeyValuePair<string, object?>("model", model));

    public void Tokens(int prompt, int generated, string model)
    {
        var label = new KeyValuePair<string, object?>("model", model);
        _prompt.Add(prompt, label);
        _generated.Add(generated, label);
    }

    public void Dispose() => Meter.Dispose();

    private static InstrumentAdvice<double> Advise(double[] bounds) => new() { HistogramBucketBoundaries = bounds };

    private static InstrumentAdvice<double> Buckets(params double[] bounds) => Advise(bounds);
}
