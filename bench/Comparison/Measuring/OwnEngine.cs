using System.Diagnostics;
using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Bench.Comparison.Measuring;

/// <summary>This project's engine, called as the server calls it.</summary>
internal sealed class OwnEngine : ICandidate
{
    private readonly LoadedModel _model;
    private readonly Engine _engine;

    /// <summary>Opens a model.</summary>
    public OwnEngine(string path, int context, int threads)
    {
        _model = LoadedModel.Load(
            path,
            new LoadOptions
            {
                ContextLength = context,
                Threads = threads,
                CacheFolder = Environment.GetEnvironmentVariable(RepackedCache.Variable),
            });
        _engine = new Engine(_model, new EngineOptions { MaxSequences = 1, Threads = threads, KeepPrefixes = false, Speculate = false });
    }

    /// <inheritdoc/>
    public string Variant => $"causerie-{LoadedModel.EngineVersion}";

    /// <inheritdoc/>
    public string Instructions => Compute.Kernels.Instructions.Description;

    /// <inheritdoc/>
    public int Vocabulary => _model.Parameters.VocabularySize;

    /// <inheritdoc/>
    public void Settle() => _model.Settle();

    /// <inheritdoc/>
    public async Task<(double First, double Others, int Token)> RunAsync(int[] prompt, int generate)
    {
        var request = new GenerationRequest([.. prompt])
        {
            Sampling = SamplingOptions.Greedy,
            MaxTokens = generate + 1,
            IgnoreEnd = true,
        };
        long start = Stopwatch.GetTimestamp();
        double first = 0, last = 0;
        int? token = null;
        await foreach (var step in _engine.GenerateAsync(request))
        {
            if (step is not GeneratedToken generated)
                continue;
            last = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (token is not null)
                continue;
            first = last;
            token = generated.Id;
        }

        return (first, last - first, token ?? throw new InvalidOperationException("No token came."));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _model.Dispose();
    }
}
