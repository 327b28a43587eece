using Causerie.Chat;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>A token costs the engine's thread no managed memory.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Window = 50;

    private readonly string _path = TinyModel.Write();
    private readonly LoadedModel _model;

    public AllocationTests() => _model = LoadedModel.Load(_path);

    /// <summary>Greedy, the default chain, and every sampler at once, after the best and over all tokens.</summary>
    public static TheoryData<SamplingOptions, int> Cases()
    {
        var all = new SamplingOptions
        {
            Temperature = 0.9,
            TypicalP = 0.9,
            RepeatPenalty = 1.1,
            PresencePenalty = 0.1,
            FrequencyPenalty = 0.1,
            DryMultiplier = 0.5,
            Seed = 3,
        };
        var cases = new TheoryData<SamplingOptions, int>();
        foreach (int batch in new[] { 1, 4 })
            foreach (var sampling in new[] { SamplingOptions.Greedy, SamplingOptions.ModelDefault, all, all with { TopK = 0 } })
                cases.Add(sampling, batch);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_token_allocates_nothing_on_the_engines_thread(SamplingOptions sampling, int batch)
    {
        var steps = new Recorder(_model.Forward.Architecture, batch);
        await using var engine = new Engine(
            _model, _model.Forward with { Architecture = steps }, new EngineOptions { MaxSequences = batch }, null);
        await Task.WhenAll(Enumerable.Range(0, batch).Select(async i =>
        {
            var request = new GenerationRequest([1 + i, 2, 3])
            {
                Sampling = sampling,
                MaxTokens = 700,
                IgnoreEnd = true,
            };
            await foreach (var _ in engine.GenerateAsync(request, TestContext.Current.CancellationToken))
            {
            }
        }));

        // What the runtime does once, such as starting a thread of its pool, falls into some windows; a token's share
        // would be in every one.
        long[] seen = steps.Allocated;
        Assert.True(seen.Length > 3 * Window, $"{seen.Length} full steps");
        long[] windows = [.. Enumerable.Range(1, (seen.Length / Window) - 1)
            .Select(i => seen[((i + 1) * Window) - 1] - seen[i * Window])];
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes in {Window} steps: {string.Join(", ", windows)}");
        Assert.Equal(0, windows.Min());
    }

    public void Dispose()
    {
        _model.Dispose();
        File.Delete(_path);
    }

    /// <summary>Notes at each step of a whole batch what its thread has allocated so far.</summary>
    private sealed class Recorder(Architecture inner, int batch) : Architecture
    {
        private readonly long[] _allocated = new long[1000];
        private int _count;

        public long[] Allocated => _allocated[.._count];

        public override string Name => inner.Name;

        internal override HyperParameters ReadHyperParameters(HyperParameterReader keys) =>
            inner.ReadHyperParameters(keys);

        internal override Weights ReadWeights(WeightReader tensors, HyperParameters p) => inner.ReadWeights(tensors, p);

        internal override void Forward(HyperParameters p, Weights w, RunState s, Batch step)
        {
            if (step.Slices.Length == batch && _count < _allocated.Length)
                _allocated[_count++] = GC.GetAllocatedBytesForCurrentThread();
            inner.Forward(p, w, s, step);
        }
    }
}
