using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Sampling;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference;

/// <summary>Runs one model for many callers: one thread owns all state; requests and their answers alone cross.</summary>
/// <remarks>An idle engine waits and uses no processor. A fault fails the requests in hand, not the process.</remarks>
public sealed class Engine : IAsyncDisposable
{
    private readonly Channel<Sequence> _requests = Channel.CreateUnbounded<Sequence>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LoadedModel _model;
    private readonly ForwardPass _forward;
    private readonly Thread _thread;
    private readonly EngineOptions _options;
    private readonly TimeProvider _clock;
    private readonly Candidates _workspace = new(); // The engine thread's, shared by all samplers.
    private readonly Predicate<int> _endsAnswer;
    private readonly PagePool _pages;
    private readonly LoadedModel? _draft;
    private readonly Pace _pace;
    private int _pending;
    private volatile int _interruptions;
    private volatile int _unused;
    private long _right;
    private volatile bool _stopping;

    /// <summary>Starts the engine's thread.</summary>
    /// <param name="model">The model; it must outlive the engine.</param>
    /// <param name="options">Limits; null takes the defaults.</param>
    /// <param name="clock">Measures the phases of an answer; null takes the system's.</param>
    /// <param name="draft">A smaller model that guesses what <paramref name="model"/> writes; null guesses from the text alone.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="ChatException">The model is an encoder.</exception>
    /// <exception cref="DraftException">The draft model has other tokens.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for keys and values.</exception>
    public Engine(
        LoadedModel model, EngineOptions? options = null, TimeProvider? clock = null, LoadedModel? draft = null)
        : this(model, model.Forward, options, clock, draft)
    {
    }

    internal Engine(
        LoadedModel model, ForwardPass forward, EngineOptions? options, TimeProvider? clock, LoadedModel? draft = null)
    {
        if (model.Parameters.Bidirectional)
            throw model.DoesNotWrite();
        if (draft is not null)
            DraftModel.Check(draft, model);
        _draft = draft;
        _model = model;
        _forward = forward;
        _options = options ?? new EngineOptions();
        _options.Validate();
        _clock = clock ?? TimeProvider.System;
        _pace = new Pace(_clock);
        _endsAnswer = model.Tokenizer.IsEndOfGeneration;
        _pages = new PagePool(model.KvShape, _options.Pages(model.KvShape));
        _unused = _pages.Count;
        _thread = new Thread(Live) { Name = $"Engine of {model.Card.Id}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Requests that wait or run now.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>How often a sequence gave its keys and values up for others, to be computed again.</summary>
    public int Interruptions => _interruptions;

    /// <summary>Tokens that were guessed right, each of which saved a step.</summary>
    public long Guessed => Interlocked.Read(ref _right);

    /// <summary>Pages of keys and values that nobody needs at this moment, of how many.</summary>
    internal (int Unused, int All) Pages => (_unused, _pages.Count);

    /// <summary>Whether the thread waits for work, or has ended.</summary>
    internal bool IsParked => (_thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0;

    /// <summary>Tokens whose keys and values fit the engine's memory, over all sequences.</summary>
    public long CacheTokens => (long)_pages.Count * KvPages.Positions;

    /// <summary>Prompt tokens read in one forward pass.</summary>
    public int ChunkLength => _options.ChunkLength;

    /// <summary>Continues a prompt; a caller who leaves stops it within one token.</summary>
    /// <param name="request">Prompt and settings.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ChatException">
    /// The request is out of range, its prompt does not fit the context, the queue is full, or the engine failed.
    /// </exception>
    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(request);
        var sequence = new Sequence(
            request, NewSampler(request), new BlockTable(_pages), _model.ContextLength, _clock);
        Submit(sequence);
        await using var left = cancellationToken.Register(() => Leave(sequence));
        try
        {
            await foreach (var step in sequence.ReadAsync(cancellationToken))
                yield return step;
        }
        finally
        {
            Leave(sequence);
        }
    }

    /// <summary>Stops the thread; requests in hand end as unavailable.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _requests.Writer.TryComplete();
        _wake.Set();
        await _ended.Task;
    }

    private static ChatException Unavailable() => new(ChatErrorKind.Unavailable, "The model is being unloaded.");

    private static ChatException Failed(Exception e) => e is ChatException known
        ? new(known.Kind, known.Message, known.Field, e)
        : new(ChatErrorKind.Internal, $"The engine failed: {e.Message}", null, e);

    private void Check(GenerationRequest request)
    {
        request.Sampling.Validate();
        if (request.MaxTokens is < 1)
            throw ChatException.Invalid($"max_tokens must be at least 1, not {request.MaxTokens}.", "max_tokens");
        if (request.LogProbs is < 0 or > Chances.MostTop)
            throw ChatException.Invalid($"top_logprobs must be between 0 and {Chances.MostTop}, not {request.LogProbs}.", "top_logprobs");
        if (request.Prompt.Length == 0)
            throw ChatException.Invalid("The prompt is empty.");
        if (request.Prompt.Length >= _model.ContextLength)
            throw new ChatException(
                ChatErrorKind.ContextLengthExceeded,
                $"The prompt has {request.Prompt.Length} tokens and needs room for an answer; " +
                $"the context holds {_model.ContextLength} tokens.");
        _model.CheckTokens(request.Prompt);
    }

    private Sampler NewSampler(GenerationRequest request)
    {
        ulong seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var sampler = Sampler.Create(
            request.Sampling, _model.SamplerDefaults, _model.Tokenizer, seed, _workspace, request.Grammar);
        sampler.AcceptPrompt(request.Prompt);
        return sampler;
    }

    private void Submit(Sequence sequence)
    {
        long limit = (long)_options.MaxSequences + _options.QueueLength;
        int pending = Interlocked.Increment(ref _pending);
        if (pending == 1)
            _pace.Begin();
        if (pending > limit)
        {
            Interlocked.Decrement(ref _pending);
            throw new ChatException(
                ChatErrorKind.Overloaded,
                $"{limit} requests wait or run already, which is this model's limit; try again later.")
            {
                RetryAfter = _pace.Next,
            };
        }
        if (!_requests.Writer.TryWrite(sequence))
        {
            Interlocked.Decrement(ref _pending);
            throw Unavailable();
        }
        _wake.Set();
    }

    private void Leave(Sequence sequence)
    {
        sequence.Cancel();
        _wake.Set();
    }

    private void Live()
    {
        var scheduler = new Scheduler(_options, _pages);
        Func<ChatException> end = Unavailable;
        try
        {
            using var pool = _options.Threads is { } threads ? new WorkerPool(threads) : new WorkerPool();
            using var draft = _draft is null ? null : new DraftModel(_draft, _options.ChunkLength, pool);
            scheduler.Draft = draft;
            var state = _forward.NewState(pool);
            TokenPick pick = (sequence, row) => Pick(state, sequence, row);
            while (!_stopping)
            {
                TakeIn(scheduler);
                Drop(scheduler);
                if (!Step(scheduler, state, pick))
                    _wake.WaitOne();
            }
        }
        catch (Exception e)
        {
            end = () => Failed(e);
        }
        _requests.Writer.TryComplete();
        TakeIn(scheduler);
        scheduler.FailAll(end);
        _pages.Dispose();
        _ended.SetResult();
    }

    /// <summary>Forgets sequences that are over; false where there was none.</summary>
    private bool Drop(Scheduler scheduler)
    {
        int dropped = scheduler.Drop();
        Interlocked.Add(ref _pending, -dropped);
        _pace.End(dropped);
        return dropped > 0;
    }

    private void TakeIn(Scheduler scheduler)
    {
        while (_requests.Reader.TryRead(out var sequence))
            scheduler.Add(sequence);
    }

    /// <summary>One forward pass; false where there was nothing to do.</summary>
    private bool Step(Scheduler scheduler, RunState state, TokenPick pick)
    {
        var batch = scheduler.Next();
        _interruptions = scheduler.Interruptions;
        Volatile.Write(ref _right, scheduler.Right);
        if (batch.Count == 0)
        {
            bool dropped = Drop(scheduler);
            _unused = _pages.Free + _pages.Idle;
            return dropped;
        }

        try
        {
            _model.CheckFiles();
            _forward.Run(state, batch);
            scheduler.Commit(batch, pick, _endsAnswer);
        }
        catch (Exception e)
        {
            // Each has an exception of its own: they are thrown on different threads.
            var cause = e is FileChangedException changed ? _model.Spoilt(changed) : e;
            foreach (var slice in batch.Slices)
                slice.Sequence!.Fail(Failed(cause));
        }
        return true;
    }

    private int? Pick(RunState state, Sequence sequence, int row)
    {
        int width = _model.Parameters.VocabularySize;
        try
        {
            return sequence.Pick(state.Logits.AsSpan(row * width, width));
        }
        catch (ChatException e)
        {
            sequence.Fail(e);
            return null;
        }
    }
}
