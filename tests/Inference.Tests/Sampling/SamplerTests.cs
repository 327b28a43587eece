using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Sampling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly SamplerDefaults Off = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0 };

    [Fact]
    public void Greedy_takes_the_best_and_of_equals_the_first()
    {
        var sampler = Make(SamplingOptions.Greedy, 5);
        Assert.Equal(3, sampler.Pick([0, 1, -2, 7, 6]));
        Assert.Equal(1, sampler.Pick([-1, 4, 4, 4, -1]));
        Assert.Equal(0, sampler.Pick([0f, -0f, -1, -1, -1]));
        Assert.Equal(2, sampler.Pick([float.NegativeInfinity, -9, -8, -9, -10]));
    }

    [Fact]
    public void Greedy_still_heeds_bias_and_penalties()
    {
        var biased = Make(SamplingOptions.Greedy with { LogitBias = Bias((2, 10)) }, 4);
        Assert.Equal(2, biased.Pick([1, 2, 0, 1]));
        var penalised = Make(SamplingOptions.Greedy with { PresencePenalty = 2 }, 4);
        penalised.Accept(1);
        Assert.Equal(3, penalised.Pick([0, 2, 0, 1]));
    }

    [Fact]
    public void The_same_seed_gives_the_same_tokens_and_another_others()
    {
        var logits = Enumerable.Range(0, 1000).Select(i => (float)Math.Sin(i * i)).ToArray();
        int[] first = Draw(Make(new SamplingOptions { Temperature = 1 }, 1000, seed: 7), logits, 100);
        Assert.Equal(first, Draw(Make(new SamplingOptions { Temperature = 1 }, 1000, seed: 7), logits, 100));
        Assert.Equal(first, Draw(Make(new SamplingOptions { Temperature = 1, Seed = 7 }, 1000, seed: 8), logits, 100));
        Assert.NotEqual(first, Draw(Make(new SamplingOptions { Temperature = 1 }, 1000, seed: 8), logits, 100));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.8)]
    public void Tokens_come_as_often_as_their_probabilities_say(double temperature)
    {
        float[] logits = [1, 0.5f, 0, -0.5f, -1, -2, float.NegativeInfinity];
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        const int Draws = 60_000;
        int[] drawn = Draw(Make(new SamplingOptions { Temperature = temperature }, 7), logits, Draws);
        for (int id = 0; id < logits.Length; id++)
        {
            double p = weights[id] / weights.Sum();
            double deviation = Math.Sqrt(p * (1 - p) / Draws);
            Assert.InRange(drawn.Count(token => token == id) / (double)Draws, p - (5 * deviation), p + (5 * deviation));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_sampler_keeps_what_plain_mathematics_keeps(int seed)
    {
        var random = new Xoshiro256((ulong)seed);
        float[] logits = [.. Enumerable.Range(0, 5000).Select(_ => (float)(12 * random.NextDouble() * random.NextDouble()))];
        double[] p = [.. logits.Select(logit => Math.Exp(logit))];
        double sum = p.Sum();
        int[] order = [.. Enumerable.Range(0, p.Length).OrderByDescending(i => logits[i]).ThenBy(i => i)];

        Assert.Equal(order[..333].Order(), Left(new SamplingOptions { TopK = 333 }, logits));

        double mass = 0;
        int nucleus = order.TakeWhile(i => (mass += p[i] / sum) - (p[i] / sum) < 0.7).Count();
        Assert.Equal(order[..nucleus].Order(), Left(new SamplingOptions { TopP = 0.7 }, logits));

        double best = p.Max();
        Assert.Equal(
            Enumerable.Range(0, p.Length).Where(i => p[i] >= 0.2 * best), Left(new SamplingOptions { MinP = 0.2 }, logits));

        double entropy = -p.Sum(x => x / sum * Math.Log(x / sum));
        int[] typical = [.. order.OrderBy(i => Math.Abs(-Math.Log(p[i] / sum) - entropy))];
        mass = 0;
        int kept = typical.TakeWhile(i => (mass += p[i] / sum) - (p[i] / sum) <= 0.4).Count();
        Assert.Equal(typical[..kept].Order(), Left(new SamplingOptions { TypicalP = 0.4 }, logits));
    }

    [Fact]
    public void The_window_of_the_penalties_forgets()
    {
        var sampler = Make(new SamplingOptions { FrequencyPenalty = 1, RepeatWindow = 2 }, 3);
        foreach (int token in new[] { 0, 0, 0, 1, 0 })
            sampler.Accept(token);
        float[] logits = [0, 0, 0];
        sampler.Pick(logits);
        Assert.Equal([-1, -1, 0], logits);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_logit_is_an_error(float bad)
    {
        var error = Assert.Throws<ChatException>(() => Make(SamplingOptions.Greedy, 3).Pick([0, bad, 0]));
        Assert.Contains("token 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(ChatErrorKind.Internal, error.Kind);
    }

    [Fact]
    public void No_possible_token_is_an_error()
    {
        const float None = float.NegativeInfinity;
        Assert.Throws<ChatException>(() => Make(SamplingOptions.Greedy, 2).Pick([None, None]));
    }

    [Fact]
    public void A_bias_for_no_token_is_refused_by_name()
    {
        var error = Assert.Throws<ChatException>(() => Make(new SamplingOptions { LogitBias = Bias((9, 1)) }, 9));
        Assert.Equal("logit_bias.9", error.Field);
        Assert.Equal(ChatErrorKind.InvalidRequest, error.Kind);
        Assert.Throws<ChatException>(() => Make(new SamplingOptions { LogitBias = Bias((-1, 1)) }, 9));
    }

    [Fact]
    public void Extreme_settings_do_not_break_the_chain()
    {
        float[] logits = [.. Enumerable.Range(0, 256).Select(i => (i - 128) * 1e36f)];
        foreach (double temperature in new[] { 1e-45, 1e-30, 0.01, 100 })
            Assert.Equal(255, Make(new SamplingOptions { Temperature = temperature, TypicalP = 0.5 }, 256).Pick([.. logits]));
        var heavy = Make(
            new SamplingOptions { DryMultiplier = 100, DryBase = 100, RepeatPenalty = 100, RepeatWindow = -1 }, 256);
        for (int i = 0; i < 300; i++)
            heavy.Accept('a');
        Assert.NotEqual('a', heavy.Pick(new float[256]));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(-1)]
    public void A_token_costs_no_allocation(int window)
    {
        const int Vocabulary = 2000;
        var options = new SamplingOptions
        {
            Temperature = 0.9,
            TopK = 0,
            TopP = 0.9,
            MinP = 0.01,
            TypicalP = 0.9,
            RepeatPenalty = 1.1,
            RepeatWindow = 64,
            DryMultiplier = 0.8,
            DryWindow = window,
            LogitBias = Bias((5, 1)),
        };
        var sampler = Make(options, Vocabulary);
        var logits = new float[Vocabulary];
        for (int i = 0; i < 600; i++)
            Step(i);
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (int i = 0; i < 200; i++)
                Step(i);
        }));

        void Step(int i)
        {
            for (int id = 0; id < logits.Length; id++)
                logits[id] = (id * 7919 % 1009 / 100f) + (i % 7);
            sampler.Accept(sampler.Pick(logits) % 40);
        }
    }

    [Fact]
    public void Defaults_are_the_file_s_then_the_house_s()
    {
        string path = Path.GetTempFileName();
        try
        {
            var writer = new GgufWriter();
            writer.Add("general.sampling.temp", 0.6f);
            writer.Add("general.sampling.top_k", 20);
            writer.Add("general.sampling.xtc_probability", 0.5f);
            writer.Add("general.sampling.mirostat", 0);
            Save(writer, path);
            using (var file = GgufFile.Open(path))
            {
                var defaults = SamplerDefaults.From(file.Metadata);
                Assert.Equal(["general.sampling.xtc_probability"], defaults.NotHonoured);
                var settings = defaults.Resolve(new SamplingOptions { TopP = 0.5 });
                Assert.Equal(0.6, settings.Temperature, 6);
                Assert.Equal(20, settings.TopK);
                Assert.Equal(0.5, settings.TopP);
                Assert.Equal(0.05, settings.MinP);
                Assert.Equal(1, settings.RepeatPenalty);
            }
            writer = new GgufWriter();
            writer.Add("general.sampling.top_p", 1.5f);
            Save(writer, path);
            using var wrong = GgufFile.Open(path);
            Assert.Contains("general.sampling.top_p", Assert.Throws<GgufException>(() => SamplerDefaults.From(wrong.Metadata)).Message);
        }
        finally
        {
            File.Delete(path);
        }

        static void Save(GgufWriter writer, string path)
        {
            using var stream = File.Create(path);
            writer.WriteTo(stream);
        }
    }

    [Fact]
    public void The_dice_are_xoshiro256_star_star()
    {
        var zero = new Xoshiro256(0);
        Assert.Equal(0x99EC5F36CB75F2B4ul, zero.Next());
        Assert.Equal(0xBF6E1F784956452Aul, zero.Next());
        var other = new Xoshiro256(42);
        Assert.Equal(0x15780B2E0C2EC716ul, other.Next());
        Assert.Equal(0x6104D9866D113A7Eul, other.Next());
    }

    [Fact]
    public void Partial_order_agrees_with_sorting()
    {
        var random = new Xoshiro256(5);
        for (int round = 0; round < 60; round++)
        {
            int n = 1 + (int)(random.Next() % 6000);
            int bits = 1 + (int)(random.Next() % 50);
            ulong[] keys = [.. Enumerable.Range(0, n).Select(i => (random.Next() >> (64 - bits) << 13) | (uint)i).Distinct()];
            ulong[] sorted = [.. keys.Order()];
            int done = 0;
            while (done < keys.Length)
            {
                int wanted = Math.Min(keys.Length, done + 1 + (int)(random.Next() % 2500));
                PartialOrder.Extend(keys, done, wanted);
                done = wanted;
                Assert.Equal(sorted[..done], keys[..done]);
            }
            Assert.Equal(sorted, keys);
        }
    }

    private static Sampler Make(SamplingOptions options, int vocabulary, ulong seed = 1) =>
        Sampler.Create(options, Off, ByteTokenizer.Of(vocabulary), seed);

    private static IEnumerable<int> Left(SamplingOptions options, float[] logits)
    {
        var candidates = Make(options, logits.Length).Narrow([.. logits]);
        return Enumerable.Range(0, candidates.Count).Select(candidates.Id).Order();
    }

    private static int[] Draw(Sampler sampler, float[] logits, int count)
    {
        var copy = new float[logits.Length];
        var drawn = new int[count];
        for (int i = 0; i < count; i++)
        {
            logits.CopyTo(copy, 0);
            drawn[i] = sampler.Pick(copy);
        }
        return drawn;
    }

    private static ImmutableDictionary<int, float> Bias(params (int Id, float Value)[] bias) =>
        bias.ToImmutableDictionary(pair => pair.Id, pair => pair.Value);
}
