using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Text.Parsers;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>A model file that answers on this machine: template, tokenizer, engine, and back to text.</summary>
/// <param name="model">The model; disposed with this.</param>
/// <param name="options">The engine's limits; null takes the defaults.</param>
/// <param name="clock">The present for templates, and times; null takes the system's.</param>
public sealed class LocalModel(LoadedModel model, EngineOptions? options = null, TimeProvider? clock = null)
    : IChatModel, IAsyncDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models { get; } = [model.Card];

    /// <summary>The model that answers.</summary>
    public LoadedModel Model { get; } = model;

    /// <summary>The engine that runs it.</summary>
    public Engine Engine { get; } = new(model, options, clock);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] prompt = Model.Prompts.Encode(request, _clock.GetLocalNow().DateTime);
        var generation = new GenerationRequest(prompt)
        {
            Sampling = request.Sampling,
            MaxTokens = request.MaxTokens,
            Client = request.Client,
            Scope = request.Scope,
        };
        await foreach (var step in CompleteAsync(generation, request.Stop, cancellationToken))
            yield return step;
    }

    /// <summary>Stops the engine, then unmaps the model.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Model.Dispose();
    }

    /// <summary>Continues token ids as they stand, without a template.</summary>
    /// <param name="generation">Prompt and settings.</param>
    /// <param name="stops">Texts that end the answer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ChatException">As for <see cref="StreamAsync"/>.</exception>
    public async IAsyncEnumerable<ChatEvent> CompleteAsync(
        GenerationRequest generation, ImmutableArray<string> stops,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var scanner = Scanner(stops);
        var text = new Detokenizer(Model.Tokenizer);
        var started = new ChatStarted(Model.Card.Id, Model.Fingerprint);
        int generated = 0;
        long begin = _clock.GetTimestamp();
        TimeSpan promptTime = default;
        int cached = 0;
        await foreach (var step in Engine.GenerateAsync(generation, cancellationToken))
        {
            if (started is not null)
                yield return started;
            started = null;
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
                    string piece = scanner.Push(text.Add(token.Id));
                    if (piece.Length > 0)
                        yield return new ChatText(piece);
                    if (!scanner.Stopped)
                        break;
                    yield return new ChatFinished(
                        FinishReason.Stop, new TokenUsage(generation.Prompt.Length, generated)
                        {
                            CachedTokens = cached,
                            PromptTime = promptTime,
                            CompletionTime = _clock.GetElapsedTime(begin) - promptTime,
                        });
                    yield break;
                case GenerationEnded ended:
                    string rest = scanner.Push(text.Flush()) + scanner.Flush();
                    if (rest.Length > 0)
                        yield return new ChatText(rest);
                    yield return new ChatFinished(
                        scanner.Stopped ? FinishReason.Stop : ended.Reason, ended.Usage);
                    break;
            }
        }
    }

    private static StopScanner Scanner(ImmutableArray<string> stops) => stops.Contains("")
        ? throw ChatException.Invalid("A stop text must not be empty.", "stop")
        : new StopScanner(stops);
}
