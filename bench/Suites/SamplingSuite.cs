using BenchmarkDotNet.Attributes;
using Causerie.Chat;
using Causerie.Inference.Sampling;
using Causerie.Text.Tokenizers;

namespace Causerie.Bench.Suites;

/// <summary>Picking a token from a vocabulary of 128,256; needs the vocabulary that <see cref="Data"/> finds.</summary>
[MemoryDiagnoser]
public class SamplingSuite
{
    private readonly float[] _fresh = new float[Data.LlamaTokens];
    private readonly float[] _logits = new float[Data.LlamaTokens];
    private Tokenizer? _tokenizer;
    private Sampler? _greedy;
    private Sampler? _usual;
    private Sampler? _all;

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        for (int i = 0; i < _fresh.Length; i++)
            _fresh[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 8);
        _tokenizer = Data.LlamaTokenizer();
        _greedy = New(SamplingOptions.Greedy);
        _usual = New(new SamplingOptions { Seed = 1 });
        _all = New(new SamplingOptions
        {
            Temperature = 0.9,
            TypicalP = 0.9,
            RepeatPenalty = 1.1,
            PresencePenalty = 0.1,
            FrequencyPenalty = 0.1,
            DryMultiplier = 0.5,
            Seed = 1,
        });
    }

    [Benchmark(Baseline = true)]
    public void CopyingTheLogitsAlone() => _fresh.CopyTo(_logits, 0);

    [Benchmark]
    public int Greedy() => Pick(_greedy!);

    [Benchmark]
    public int UsualSamplers() => Pick(_usual!);

    [Benchmark]
    public int AllSamplers() => Pick(_all!);

    private Sampler New(SamplingOptions options) =>
        Sampler.Create(options, new SamplerDefaults(), _tokenizer!, 1);

    private int Pick(Sampler sampler)
    {
        _fresh.CopyTo(_logits, 0);
        int token = sampler.Pick(_logits);
        sampler.Accept(token);
        return token;
    }
}
