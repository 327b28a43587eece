using Causerie.Chat;
using Causerie.Compute.Threading;
using Causerie.Inference.KvCache;
using Causerie.Inference.Sampling;
using Causerie.Inference.Scheduling;
using Causerie.Inference.Tests.Models;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>
/// Whoever else asks, however the prompt is cut, whatever is cached and how often a sequence is interrupted: an answer's
/// tokens and every logit it was picked from are those of a plain loop over one sequence, bit for bit.
/// </summary>
public sealed class BatchInvarianceTests : IDisposable
{
    private const int Context = 320;

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-batch-").FullName;

    public static TheoryData<string, int> Mixes
    {
        get
        {
            var mixes = new TheoryData<string, int>();
            foreach (string model in new[] { "tiny", "gemma3", "qwen3moe" })
                for (int seed = 0; seed < 5; seed++)
                    mixes.Add(model, seed);
            return mixes;
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Mixes))]
    public async Task Every_answer_is_the_plain_loops_bit_for_bit(string name, int seed)
    {
        var random = new Random(seed);
        using var model = LoadedModel.Load(Write(name), new LoadOptions
        {
            ContextLength = Context,
            KvElement = (KvElement)(seed % 3),
        });
        int page = (int)(model.KvShape.PageBytes);
        var options = new EngineOptions
        {
            MaxSequences = random.Next(1, 33),
            QueueLength = 100,
            ChunkLength = random.Next(1, 200),
            SharedChunkLength = random.Next(1, 80),
            Threads = random.Next(1, 3),
            CacheBytes = (long)page * (model.KvShape.MaxPages + random.Next(0, 12)),
            KeepPrefixes = random.Next(4) > 0,
            Speculate = random.Next(4) > 0,
        };
        GenerationRequest[] requests = [.. Enumerable.Range(0, 40).Select(_ => Request(random, model))];
        var alone = requests.Select(request => Plainly(model, request)).ToArray();
        await using var engine = new Engine(model, options);
        await Task.WhenAll(requests.Select(async (request, i) =>
        {
            int leaveAt = i % 5 == 4 ? i % 7 : int.MaxValue;
            await Task.Delay(i % 3 * (i / 4), Stop);
            var tokens = new List<int>();
            await foreach (var step in engine.GenerateAsync(request, Stop))
            {
                if (step is GeneratedToken token)
                    tokens.Add(token.Id);
                else if (step is GenerationEnded ended)
                    Assert.Equal(alone[i].Digest, ended.Digest);
                if (tokens.Count >= leaveAt)
                    break;
            }

            Assert.Equal(alone[i].Tokens.Take(tokens.Count), tokens);
            if (leaveAt == int.MaxValue)
                Assert.Equal(alone[i].Tokens.Length, tokens.Count);
        }));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{options.MaxSequences} sequences, {engine.CacheTokens} tokens of cache, {engine.Interruptions} interruptions, "
            + $"{engine.Guessed} guessed");
    }

    /// <summary>With room for one context and a bit, sequences must have given way: else nothing above was tested.</summary>
    [Fact]
    public async Task Sequences_that_give_way_resume_without_a_changed_token()
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        var random = new Random(1);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new GenerationRequest(
            [.. Enumerable.Range(0, 50).Select(_ => random.Next(200))])
        {
            MaxTokens = 200,
            IgnoreEnd = true,
            Digest = true,
            Sampling = new SamplingOptions { Temperature = 1, Seed = (ulong)i },
        })];
        foreach (bool keep in new[] { true, false })
        {
            await using var engine = new Engine(model, new EngineOptions
            {
                MaxSequences = 8,
                CacheBytes = model.KvShape.PageBytes * 9,
                KeepPrefixes = keep,
            });
            var answers = await Task.WhenAll(requests.Select(request => Answered(engine, request)));
            Assert.Equal(requests.Select(request => Plainly(model, request)), answers);
            Assert.True(engine.Interruptions > 0);
            Assert.Equal(9 * 64, engine.CacheTokens);
        }
    }

    [Fact]
    public async Task Guesses_save_steps_and_change_nothing()
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        await using var engine = new Engine(model);
        int[] prompt = [.. Enumerable.Range(0, 120).Select(i => 40 + (i % 10))];
        var request = new GenerationRequest(prompt)
        {
            MaxTokens = 150,
            IgnoreEnd = true,
            Digest = true,
            Sampling = SamplingOptions.Greedy,
        };
        Assert.Equal(Plainly(model, request), await Answered(engine, request));
        Assert.True(engine.Guessed > 20, $"{engine.Guessed} guesses were right.");
    }

    /// <summary>What is likely to be repeated is guessed first: with words changed, left out and put in, most of it is right.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_prediction_saves_steps_and_changes_nothing(double temperature)
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        var request = new GenerationRequest([5, 6, 7, 8])
        {
            MaxTokens = 150,
            IgnoreEnd = true,
            Digest = true,
            Sampling = new SamplingOptions { Temperature = temperature, Seed = 7 },
        };
        var alone = Plainly(model, request);
        int[] changed = [.. alone.Tokens[..40], 9, 9, .. alone.Tokens[41..90], .. alone.Tokens[96..]];
        foreach (int[] predicted in new[] { alone.Tokens, changed, [], [1, 2, 3], [.. alone.Tokens.Reverse()] })
        {
            var prediction = new Prediction(predicted);
            await using var engine = new Engine(model);
            Assert.Equal(alone, await Answered(engine, request with { Prediction = prediction }));
            if (predicted == alone.Tokens)
                Assert.Equal(0, prediction.Rejected);
            if (predicted.Length > 100 && predicted[0] == alone.Tokens[0])
                Assert.True(prediction.Accepted > 80, $"{prediction.Accepted} came as they were guessed, {prediction.Rejected} did not.");
            Assert.True(prediction.Accepted <= engine.Guessed);
        }
    }

    /// <summary>The model itself guesses right wherever the largest logit wins; another one hardly ever does.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_draft_model_saves_steps_and_changes_nothing(ulong seed, bool same)
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        string other = TinyModel.Write(Path.Combine(_folder, "draft.gguf"), seed);
        using var draft = LoadedModel.Load(other, new LoadOptions { ContextLength = Context });
        var random = new Random(3);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 7).Select(i => new GenerationRequest(
            [.. Enumerable.Range(0, 20 + (30 * i)).Select(_ => random.Next(250))])
        {
            MaxTokens = 60,
            Digest = true,
            IgnoreEnd = true,
            Sampling = i % 2 == 0 ? SamplingOptions.Greedy : new SamplingOptions { Temperature = 1, Seed = 5 },
        })];
        var options = new EngineOptions { ChunkLength = 50, MaxSequences = 3, CacheBytes = model.KvShape.PageBytes * 7 };
        await using var engine = new Engine(model, options, draft: draft);
        var answers = await Task.WhenAll(requests.Select(request => Answered(engine, request)));
        Assert.Equal(requests.Select(request => Plainly(model, request)), answers);
        if (same)
            Assert.True(engine.Guessed > 60, $"{engine.Guessed} guesses were right.");
    }

    [Fact]
    public void A_draft_model_with_other_tokens_is_refused_by_name()
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        using var other = LoadedModel.Load(Write("gemma3"), new LoadOptions { Id = "other" });
        var error = Assert.Throws<DraftException>(() => new Engine(model, draft: other));
        Assert.Contains("'other'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_that_was_asked_before_is_not_read_again()
    {
        using var model = LoadedModel.Load(Write("tiny"), new LoadOptions { ContextLength = Context });
        await using var engine = new Engine(model);
        int[] prompt = [.. Enumerable.Range(0, 150)];
        Assert.Equal(0, await Cached(prompt, "a"));
        Assert.Equal(149, await Cached(prompt, "a"));
        Assert.Equal(100, await Cached([.. prompt[..100], 7, 7, 7], "a"));
        Assert.Equal(0, await Cached(prompt, "b"));

        async Task<int> Cached(int[] ids, string scope)
        {
            var request = new GenerationRequest(ids) { MaxTokens = 2, Scope = scope };
            await foreach (var step in engine.GenerateAsync(request, Stop))
                if (step is GenerationEnded ended)
                    return ended.Usage.CachedTokens;
            throw new InvalidOperationException("It did not end.");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<Answer> Answered(Engine engine, GenerationRequest request)
    {
        var tokens = new List<int>();
        string? digest = null;
        await foreach (var step in engine.GenerateAsync(request, Stop))
        {
            if (step is GeneratedToken token)
                tokens.Add(token.Id);
            else if (step is GenerationEnded ended)
                digest = ended.Digest;
        }

        return new Answer([.. tokens], digest);
    }

    /// <summary>Prompts that begin alike or not, of one page or many.</summary>
    private static GenerationRequest Request(Random random, LoadedModel model)
    {
        var shared = new Random(random.Next(3));
        int vocabulary = model.Parameters.VocabularySize;
        int[] start = [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => shared.Next(3, vocabulary))];
        int[] rest = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(3, vocabulary))];
        return new GenerationRequest([.. start, .. rest])
        {
            MaxTokens = random.Next(1, 120),
            IgnoreEnd = random.Next(2) == 0,
            Digest = true,
            Prediction = random.Next(3) > 0 ? null : new Prediction(
                [.. start.TakeLast(random.Next(80)), .. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(3, vocabulary))]),
            Client = random.Next(3).ToString(System.Globalization.CultureInfo.InvariantCulture),
            Scope = random.Next(3) == 0 ? "other" : "",
            Sampling = random.Next(3) == 0
                ? SamplingOptions.Greedy
                : new SamplingOptions { Temperature = 1, Seed = (ulong)random.Next(), FrequencyPenalty = 0.5f },
        };
    }

    /// <summary>One sequence, one token at a time after a prompt that is read whole.</summary>
    private static Answer Plainly(LoadedModel model, GenerationRequest request)
    {
        using var threads = new WorkerPool(1);
        using var pages = new PagePool(model.KvShape, model.KvShape.MaxPages);
        var table = new BlockTable(pages);
        Assert.True(table.TryReserve(Context));
        var sampler = Sampler.Create(request.Sampling, model.SamplerDefaults, model.Tokenizer, 0);
        foreach (int id in request.Prompt)
            sampler.Accept(id);
        var state = model.Forward.NewState(threads);
        var digest = new Compute.Kernels.FloatDigest();
        var written = new List<int>();
        int[] next = request.Prompt;
        for (int position = 0; ;)
        {
            var batch = new Batch();
            batch.Add(table, next, position, WantedLogits.Last);
            position += next.Length;
            int width = model.Forward.Run(state, batch).Length;
            var logits = state.Logits.AsSpan(0, width);
            digest.Add(logits);
            int picked = sampler.Pick(logits);
            sampler.Accept(picked);
            if (model.Tokenizer.IsEndOfGeneration(picked) && !request.IgnoreEnd)
                break;
            written.Add(picked);
            if (written.Count == request.MaxTokens || request.Prompt.Length + written.Count == Context)
                break;
            next = [picked];
        }

        return new Answer([.. written], digest.ToString());
    }

    private string Write(string name) => name switch
    {
        "gemma3" => Longer(RandomModel.Gemma3(), name),
        "qwen3moe" => Longer(RandomModel.Qwen3Moe(), name),
        _ => TinyModel.Write(Path.Combine(_folder, "tiny.gguf")),
    };

    private string Longer(RandomModel model, string architecture)
    {
        model.Metadata[$"{architecture}.context_length"] = (uint)Context;
        return model.Write(_folder);
    }

    private sealed record Answer(int[] Tokens, string? Digest)
    {
        public bool Equals(Answer? other) =>
            other is not null && Digest == other.Digest && Tokens.AsSpan().SequenceEqual(other.Tokens);

        public override int GetHashCode() => Digest?.GetHashCode(StringComparison.Ordinal) ?? 0;

        public override string ToString() => $"{Digest} {string.Join(' ', Tokens)}";
    }
}
