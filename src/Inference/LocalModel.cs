using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Inference.Embeddings;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference;

/// <summary>A model file that answers on this machine: template, tokenizer, engine, and back to text.</summary>
/// <param name="model">The model; disposed with this.</param>
/// <param name="options">The engine's limits; null takes the defaults.</param>
/// <param name="clock">The present for templates, and times; null takes the system's.</param>
/// <param name="draft">A smaller model that guesses what this one writes; disposed with this.</param>
public sealed class LocalModel(
    LoadedModel model, EngineOptions? options = null, TimeProvider? clock = null, LoadedModel? draft = null)
    : IChatModel, IEmbeddingModel, IAsyncDisposable
{
    private const long HashedAtOnce = 64 << 20; // bytes, in less time than a first token takes

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    private Embedder? _embedder; // Few decoders are asked for vectors.

    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models { get; } = [model.Card];

    /// <summary>The model that answers.</summary>
    public LoadedModel Model { get; } = model;

    /// <summary>The engine that runs it.</summary>
    public Engine Engine { get; } = new(model, options, clock, draft);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = Now();
        var plan = AnswerPlan.Of(Model, request, seen);
        var generation = new GenerationRequest(plan.Prompt)
        {
            Sampling = request.Sampling,
            Grammar = plan.Grammar,
            Digest = request.Receipt,
            LogProbs = request.LogProbs,
            MaxTokens = request.MaxTokens,
            Prediction = request.Prediction is { } text ? new Prediction(Model.Tokenizer.Encode(text)) : null,
            Client = request.Client,
            IsPatient = request.IsPatient,
            Scope = request.Scope,
        };
        var tracing = AnswerTracing.Begin(Model, ref generation, seen, plan.Shortened);
        await foreach (var step in AnswerAsync(generation, new AnswerReader(Model, plan, request.Stop), tracing, cancellationToken))
            yield return step;
    }

    /// <summary>The prompt that a request comes to, as token ids.</summary>
    /// <exception cref="ChatException">The chat template refuses the messages, or there is none.</exception>
    public int[] PromptOf(ChatRequest request) => AnswerPlan.PromptOf(Model, request, Now(), out _);

    /// <summary>The prompt that messages come to, as text.</summary>
    /// <exception cref="ChatException">The chat template refuses the messages, or there is none.</exception>
    public string Render(ChatRequest request) => Model.Prompts.Render(request, Now());

    /// <inheritdoc/>
    public Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        Embedder embedder;
        lock (_lock)
            embedder = _embedder ??= new Embedder(Model, options);
        return embedder.EmbedAsync(request, cancellationToken);
    }

    /// <summary>Stops the engine, then unmaps the model.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_embedder is not null)
            await _embedder.DisposeAsync();
        await Engine.DisposeAsync();
        draft?.Dispose();
        Model.Dispose();
    }

    /// <summary>Continues token ids as they stand, without a template.</summary>
    /// <param name="generation">Prompt and settings.</param>
    /// <param name="stops">Texts that end the answer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ChatException">As for <see cref="StreamAsync"/>.</exception>
    public IAsyncEnumerable<ChatEvent> CompleteAsync(
        GenerationRequest generation, ImmutableArray<string> stops, CancellationToken cancellationToken = default) =>
        AnswerAsync(generation, new AnswerReader(Model, null, stops), null, cancellationToken);

    // Whole seconds, so that a receipt can say exactly what the template saw.
    private DateTime Now() => new(_clock.GetLocalNow().DateTime.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond);

    private async IAsyncEnumerable<ChatEvent> AnswerAsync(
        GenerationRequest generation, AnswerReader reader, AnswerTracing? tracing,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = new List<ChatEvent>();
        var hash = Model.HashAsync();
        bool started = false;
        int generated = 0;
        long begin = _clock.GetTimestamp();
        TimeSpan promptTime = default;
        int cached = 0;
        await foreach (var step in Engine.GenerateAsync(generation, cancellationToken))
        {
            if (!started)
            {
                if (Model.File.TotalBytes <= HashedAtOnce)
                    await ((Task)hash).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                yield return new ChatStarted(Model.Card.Id, Model.Fingerprint);
                started = true;
            }

            switch (step)
            {
                case PromptRead read:
                    cached = read.Cached;
                    promptTime = _clock.GetElapsedTime(begin);
                    if (read.Total > Engine.ChunkLength)
                        yield return new ChatProgress(read.Done, read.Total);
                    break;
                case GeneratedToken token:
                    generated++;
                    tracing?.Add(token.Id, token.Digest!);
                    events.Clear();
                    reader.Add(token, events);
                    foreach (var chatEvent in events)
                        yield return chatEvent;
                    if (!reader.Ended)
                        break;
                    var usage = new TokenUsage(generation.Prompt.Length, generated)
                    {
                        CachedTokens = cached,
                        PromptTime = promptTime,
                        CompletionTime = _clock.GetElapsedTime(begin) - promptTime,
                    };
                    yield return await FinishAsync(FinishReason.Stop, Predicted(usage), reader, tracing, cancellationToken);
                    yield break;
                case GenerationEnded ended:
                    events.Clear();
                    reader.Finish(events);
                    foreach (var chatEvent in events)
                        yield return chatEvent;
                    if (ended.EndToken is { } last)
                        tracing?.Add(last, ended.Digest!);
                    yield return await FinishAsync(ended.Reason, Predicted(ended.Usage), reader, tracing, cancellationToken);
                    break;
            }
        }

        TokenUsage Predicted(TokenUsage usage) => generation.Prediction is not { } prediction ? usage
            : usage with
            {
                // The engine may be ahead of an answer that a stop text ends.
                AcceptedPredictionTokens = Math.Min(prediction.Accepted, usage.CompletionTokens),
                RejectedPredictionTokens = prediction.Rejected,
            };
    }

    private async Task<ChatFinished> FinishAsync(
        FinishReason reason, TokenUsage usage, AnswerReader reader, AnswerTracing? tracing, CancellationToken cancellationToken)
    {
        var trace = tracing is null ? null : await tracing.FinishAsync(cancellationToken);
        return new ChatFinished(reader.Reason(reason), usage with { ThinkingTokens = reader.ThinkingTokens })
        {
            Fingerprint = Model.Fingerprint,
            Trace = trace,
        };
    }
}
