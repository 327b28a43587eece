using Causerie.Chat;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Engines;

/// <summary>One thread runs many sequences: each gets what it would get alone, and leaves nothing behind.</summary>
public sealed class EngineTests : IDisposable
{
    private readonly string _path = TinyModel.Write();
    private readonly LoadedModel _model;

    public EngineTests() => _model = LoadedModel.Load(_path);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_seed_gives_the_same_tokens_alone_and_in_company()
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Request(
            $"Story number {i} of {new string('x', 37 * i)}", maxTokens: 20 + (5 * i), seed: (ulong)i))];
        var alone = new List<int[]>();
        await using (var engine = new Engine(_model, new EngineOptions { ChunkLength = 512 }))
            foreach (var request in requests)
                alone.Add(await Tokens(engine, request));
        foreach (int chunk in new[] { 3, 40, 512 })
        {
            await using var engine = new Engine(_model, new EngineOptions { ChunkLength = chunk, MaxSequences = 4 });
            int[][] together = await Task.WhenAll(requests.Select(request => Tokens(engine, request)));
            Assert.Equal(alone, together);
        }
    }

    [Fact]
    public async Task Tokens_stop_at_the_bound_that_was_asked_for()
    {
        await using var engine = new Engine(_model);
        var events = await All(engine, Request("Once", maxTokens: 7));
        Assert.Equal(7, events.OfType<GeneratedToken>().Count());
        var ended = Assert.IsType<GenerationEnded>(events[^1]);
        Assert.Equal(FinishReason.Length, ended.Reason);
        Assert.Equal(7, ended.Usage.CompletionTokens);
        Assert.Equal(_model.Tokenizer.Encode("Once", addSpecial: true).Length, ended.Usage.PromptTokens);
        Assert.True(ended.Usage.PromptTime > TimeSpan.Zero && ended.Usage.CompletionTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_token_that_ends_the_answer_is_not_part_of_it()
    {
        await using var engine = new Engine(_model);
        var always = Request("Once", maxTokens: 7) with { Sampling = Bias(TinyModel.TurnEnd) };
        var events = await All(engine, always);
        Assert.Empty(events.OfType<GeneratedToken>());
        Assert.Equal(FinishReason.Stop, Assert.IsType<GenerationEnded>(events[^1]).Reason);
        var ignored = await All(engine, always with { IgnoreEnd = true });
        Assert.Equal(7, ignored.OfType<GeneratedToken>().Count());
    }

    [Fact]
    public async Task The_end_of_the_context_ends_the_answer()
    {
        using var model = LoadedModel.Load(_path, new LoadOptions { ContextLength = 64 });
        await using var engine = new Engine(model);
        var events = await All(engine, Request("Once upon a time", maxTokens: null) with { IgnoreEnd = true });
        var ended = Assert.IsType<GenerationEnded>(events[^1]);
        Assert.Equal(FinishReason.Length, ended.Reason);
        Assert.Equal(64, ended.Usage.TotalTokens);
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_is_refused_with_the_numbers()
    {
        using var model = LoadedModel.Load(_path, new LoadOptions { ContextLength = 64 });
        await using var engine = new Engine(model);
        var error = await Assert.ThrowsAsync<ChatException>(
            () => All(engine, new GenerationRequest(new int[64])));
        Assert.Equal(ChatErrorKind.ContextLengthExceeded, error.Kind);
        Assert.Contains("64 tokens", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.Pending);
    }

    [Theory]
    [InlineData(new int[0], 1)]
    [InlineData(new[] { -1 }, 1)]
    [InlineData(new[] { 100_000 }, 1)]
    [InlineData(new[] { 1 }, 0)]
    public async Task A_senseless_request_is_refused(int[] prompt, int maxTokens)
    {
        await using var engine = new Engine(_model);
        var error = await Assert.ThrowsAsync<ChatException>(
            () => All(engine, new GenerationRequest(prompt) { MaxTokens = maxTokens }));
        Assert.Equal(ChatErrorKind.InvalidRequest, error.Kind);
    }

    [Fact]
    public async Task A_cancelled_sequence_stops_and_others_go_on()
    {
        await using var engine = new Engine(_model);
        var other = Tokens(engine, Request("The other", maxTokens: 60));
        using var leave = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var step in engine.GenerateAsync(Endless("This one"), leave.Token))
                if (step is GeneratedToken && ++seen == 3)
                    await leave.CancelAsync();
        });
        Assert.Equal(3, seen);
        Assert.Equal(60, (await other).Length);
        await Idle(engine);
    }

    [Fact]
    public async Task A_reader_who_walks_away_frees_the_place()
    {
        await using var engine = new Engine(_model, new EngineOptions { MaxSequences = 1, QueueLength = 0 });
        for (int i = 0; i < 5; i++)
        {
            await foreach (var step in engine.GenerateAsync(Endless("Walk away"), Stop))
                if (step is GeneratedToken)
                    break;
            await Idle(engine);
        }
    }

    [Fact]
    public async Task A_full_queue_refuses_and_a_vanished_client_costs_nothing()
    {
        await using var engine = new Engine(_model, new EngineOptions { MaxSequences = 1, QueueLength = 1 });
        await using var first = engine.GenerateAsync(Endless("One"), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await first.MoveNextAsync());
        using var leave = new CancellationTokenSource();
        var second = Collect(engine, Endless("Two"), leave.Token);
        Assert.Equal(2, engine.Pending);

        var error = await Assert.ThrowsAsync<ChatException>(() => All(engine, Request("Three", 1)));
        Assert.Equal(ChatErrorKind.Overloaded, error.Kind);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await Until(() => engine.Pending == 1);
        await first.DisposeAsync();
        Assert.Single(await Tokens(engine, Request("Three", 1)));
    }

    [Fact]
    public async Task A_fault_fails_the_requests_in_hand_and_not_the_next()
    {
        var faulty = _model.Forward with { Architecture = new FaultyOn(_model.Forward.Architecture, TinyModel.TurnStart) };
        await using var engine = new Engine(_model, faulty, null, null);
        var error = await Assert.ThrowsAsync<ChatException>(
            () => All(engine, new GenerationRequest([TinyModel.TurnStart])));
        Assert.Equal(ChatErrorKind.Internal, error.Kind);
        Assert.Contains("out of order", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, (await Tokens(engine, Request("Again", 4))).Length);
        await Idle(engine);
    }

    [Fact]
    public async Task Disposal_ends_what_runs_and_what_waits_as_unavailable()
    {
        var engine = new Engine(_model, new EngineOptions { MaxSequences = 1 });
        Task<List<GenerationEvent>>[] running =
            [.. Enumerable.Range(0, 3).Select(_ => All(engine, Endless("On and on")))];
        await Until(() => engine.Pending == 3);
        await engine.DisposeAsync();
        foreach (var task in running)
            Assert.Equal(
                ChatErrorKind.Unavailable, (await Assert.ThrowsAsync<ChatException>(() => task)).Kind);
        var late = await Assert.ThrowsAsync<ChatException>(() => All(engine, Request("Late", 1)));
        Assert.Equal(ChatErrorKind.Unavailable, late.Kind);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task An_idle_engine_parks()
    {
        await using var engine = new Engine(_model);
        await Until(() => engine.IsParked);
        await Tokens(engine, Request("Work", 3));
        await Idle(engine);
    }

    [Fact]
    public async Task Random_traffic_ends_in_order_or_in_a_clear_error()
    {
        await using var engine = new Engine(
            _model, new EngineOptions { MaxSequences = 3, QueueLength = 4, ChunkLength = 16 });
        ulong state = 11;
        var clients = new List<Task>();
        for (int i = 0; i < 60; i++)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            int length = 1 + (int)(state >> 40) % 60, tokens = 1 + ((int)(state >> 33) % 25), leaveAt = (int)(state >> 50) % 30;
            clients.Add(Client(new GenerationRequest(new int[length]) { MaxTokens = tokens }, leaveAt));
            if (i % 4 == 0)
                await Task.Delay(1, Stop);
        }
        await Task.WhenAll(clients);
        await Idle(engine);

        async Task Client(GenerationRequest request, int leaveAt)
        {
            int seen = 0;
            try
            {
                await foreach (var step in engine.GenerateAsync(request, Stop))
                    if (step is GeneratedToken && ++seen == leaveAt)
                        return;
                Assert.InRange(seen, 0, request.MaxTokens!.Value);
            }
            catch (ChatException e)
            {
                Assert.Equal(ChatErrorKind.Overloaded, e.Kind);
            }
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        File.Delete(_path);
    }

    private static SamplingOptions Bias(int token) => SamplingOptions.Greedy with
    {
        LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(token, 100),
    };

    private static async Task Idle(Engine engine) => await Until(() => engine.Pending == 0 && engine.IsParked);

    private static async Task Until(Func<bool> condition)
    {
        for (int i = 0; i < 2000 && !condition(); i++)
            await Task.Delay(5, Stop);
        Assert.True(condition());
    }

    private static async Task<List<GenerationEvent>> Collect(
        Engine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        var events = new List<GenerationEvent>();
        await foreach (var step in engine.GenerateAsync(request, cancellationToken))
            events.Add(step);
        return events;
    }

    private static Task<List<GenerationEvent>> All(Engine engine, GenerationRequest request) =>
        Collect(engine, request, Stop);

    private static async Task<int[]> Tokens(Engine engine, GenerationRequest request) =>
        [.. (await All(engine, request)).OfType<GeneratedToken>().Select(token => token.Id)];

    private GenerationRequest Endless(string text) => Request(text, null) with { IgnoreEnd = true };

    private GenerationRequest Request(string text, int? maxTokens, ulong seed = 1) =>
        new(_model.Tokenizer.Encode(text, addSpecial: true))
        {
            MaxTokens = maxTokens,
            Sampling = new SamplingOptions { Temperature = 1, Seed = seed },
        };

    private sealed class FaultyOn(Architecture inner, int token) : Architecture
    {
        public override string Name => inner.Name;

        internal override HyperParameters ReadHyperParameters(HyperParameterReader keys) =>
            inner.ReadHyperParameters(keys);

        internal override Weights ReadWeights(WeightReader tensors, HyperParameters p) => inner.ReadWeights(tensors, p);

        internal override void Forward(HyperParameters p, Weights w, RunState s, Batch batch)
        {
            if (batch.Tokens.Contains(token))
                throw new InvalidOperationException("out of order");
            inner.Forward(p, w, s, batch);
        }
    }
}
