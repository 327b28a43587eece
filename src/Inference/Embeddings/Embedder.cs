using System.Collections.Immutable;
using System.Threading.Channels;
using Causerie.Chat;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Embeddings;

/// <summary>Turns texts into vectors with one model, for many callers who take turns: one thread owns all state.</summary>
/// <remarks>
/// A pass takes texts of all callers, one each in turn, up to <see cref="EngineOptions.ChunkLength"/> tokens. A text's vector
/// has the same bits alone, in company, in one pass or several, and on any number of threads. An idle embedder waits.
/// </remarks>
public sealed class Embedder : IEmbeddingModel, IAsyncDisposable
{
    private const int LeastPages = 64; // so that many short texts fit one pass

    private readonly Channel<EmbeddingJob> _requests = Channel.CreateUnbounded<EmbeddingJob>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<EmbeddingJob> _jobs = []; // The thread's, those whose turn is next first.
    private readonly Batch _batch = new();
    private readonly List<int> _firstRows = []; // [slices]
    private readonly LoadedModel _model;
    private readonly EngineOptions _options;
    private readonly PagePool _pages;
    private int _pending;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="model">The model; it must outlive this.</param>
    /// <param name="options">Threads, tokens of a pass and requests that may wait; null takes the defaults.</param>
    /// <exception cref="ChatException">The model gives no vectors.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for keys and values.</exception>
    public Embedder(LoadedModel model, EngineOptions? options = null)
    {
        Check(model);
        _model = model;
        _options = options ?? new EngineOptions();
        _options.Validate();
        _pages = new PagePool(model.KvShape, Math.Max(model.KvShape.MaxPages, LeastPages));
        new Thread(Live) { Name = $"Embedder of {model.Card.Id}", IsBackground = true }.Start();
    }

    /// <summary>Requests that wait or are read now.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Refuses a model that gives no vectors.</summary>
    /// <exception cref="ChatException">It says no way, or one that is not done here, to make one vector of a text.</exception>
    public static void Check(LoadedModel model)
    {
        string? problem = model.Parameters.Pooling switch
        {
            Pooling.Mean or Pooling.Cls or Pooling.Last => null,
            Pooling.Rank => "it ranks texts (pooling_type 4), which is not supported",
            Pooling.None => "its file says that each token has a vector of its own (pooling_type 0)",
            _ => "its file names no pooling_type, for it was trained to write",
        };
        if (problem is not null)
            throw new ChatException(
                ChatErrorKind.Unsupported,
                $"The model '{model.Card.Id}' gives no embeddings: {problem}. Ask an embedding model, such as Qwen3-Embedding, "
                + "nomic-embed-text or bge.", "model");
    }

    /// <inheritdoc/>
    public async Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var texts = ImmutableArray.CreateBuilder<int[]>(request.Inputs.Length);
        foreach (var input in request.Inputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            texts.Add(input.Text is { } text ? _model.Tokenizer.Encode(text, addSpecial: true) : [.. input.Tokens]);
        }

        var ids = texts.MoveToImmutable();
        var vectors = await EmbedAsync(ids, request.Dimensions, cancellationToken);
        return new EmbeddingAnswer(_model.Card.Id, vectors, ids.Sum(text => text.Length));
    }

    /// <summary>The vectors of texts.</summary>
    /// <param name="texts">[n] token ids of each.</param>
    /// <param name="dimensions">Elements of a vector; null takes all.</param>
    /// <param name="cancellationToken">Ends the work within one pass.</param>
    /// <exception cref="ChatException">A text is empty, too long or no text of this model; the queue is full; or the model failed.</exception>
    public async Task<ImmutableArray<ReadOnlyMemory<float>>> EmbedAsync(
        ImmutableArray<int[]> texts, int? dimensions = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int width = _model.Parameters.Width;
        if (dimensions is < 1 || dimensions > width)
            throw ChatException.Invalid(
                $"dimensions must be between 1 and the {width} that '{_model.Card.Id}' gives, not {dimensions}.", "dimensions");
        for (int i = 0; i < texts.Length; i++)
            Check(texts[i], texts.Length == 1 ? "input" : $"input[{i}]");
        var job = new EmbeddingJob([.. texts], dimensions ?? width, _model.Parameters);
        Submit(job);
        try
        {
            return await job.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            job.Cancel();
            _wake.Set();
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

    private void Check(int[] text, string field)
    {
        if (text.Length == 0)
            throw ChatException.Invalid($"'{field}' has no tokens.", field);
        if (text.Length > _model.ContextLength)
            throw new ChatException(
                ChatErrorKind.ContextLengthExceeded,
                $"'{field}' has {text.Length} tokens; the model's context holds {_model.ContextLength}.", field);
        foreach (int id in text)
            if ((uint)id >= (uint)_model.Parameters.VocabularySize)
                throw ChatException.Invalid(
                    $"'{field}' holds the token id {id}, which is not in the vocabulary of {_model.Parameters.VocabularySize} tokens.", field);
    }

    private void Submit(EmbeddingJob job)
    {
        long limit = (long)_options.MaxSequences + _options.QueueLength;
        if (Interlocked.Increment(ref _pending) > limit)
        {
            Interlocked.Decrement(ref _pending);
            throw new ChatException(
                ChatErrorKind.Overloaded,
                $"{limit} requests for embeddings wait or run already, which is this model's limit; try again later.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        if (!_requests.Writer.TryWrite(job))
        {
            Interlocked.Decrement(ref _pending);
            throw Unavailable();
        }

        _wake.Set();
    }

    private void Live()
    {
        var end = Unavailable();
        try
        {
            using var pool = _options.Threads is { } threads ? new WorkerPool(threads) : new WorkerPool();
            var state = _model.Forward.NewState(pool);
            while (!_stopping)
            {
                TakeIn();
                if (!Step(state))
                    _wake.WaitOne();
            }
        }
        catch (Exception e)
        {
            end = Failed(e);
        }

        _requests.Writer.TryComplete();
        TakeIn();
        foreach (var job in _jobs)
            job.Fail(new ChatException(end.Kind, end.Message, end.Field, end));
        Drop();
        _pages.Dispose();
        _ended.SetResult();
    }

    private void TakeIn()
    {
        while (_requests.Reader.TryRead(out var job))
            _jobs.Add(job);
        Drop();
    }

    private void Drop()
    {
        // Who cancels does so at any time: the question is asked once.
        EmbeddingJob[] over = [.. _jobs.Where(job => job.IsOver)];
        _jobs.RemoveAll(over.Contains);
        Interlocked.Add(ref _pending, -over.Length);
        foreach (var job in over)
            job.Release();
    }

    /// <summary>One pass; false where there was nothing to do.</summary>
    private bool Step(RunState state)
    {
        _batch.Clear();
        for (bool any = true; any;)
        {
            any = false;
            foreach (var job in _jobs)
                any |= job.TryAdd(_batch, _options.ChunkLength - _batch.Count, _pages);
        }

        if (_batch.Count == 0)
            return false;
        try
        {
            _model.CheckFiles();
            var hidden = _model.Forward.RunHidden(state, _batch); // [rows, width] f32
            FindRows();
            foreach (var job in _jobs)
                Take(job, hidden);
        }
        catch (Exception e)
        {
            var cause = e is FileChangedException changed ? _model.Spoilt(changed) : e;
            foreach (var job in _jobs.Where(job => job.IsInPass))
                job.Fail(Failed(cause)); // Each has an exception of its own.
        }

        // Whoever was first is last now.
        _jobs.Add(_jobs[0]);
        _jobs.RemoveAt(0);
        Drop();
        return true;
    }

    private void Take(EmbeddingJob job, ReadOnlySpan<float> hidden)
    {
        try
        {
            job.Take(hidden, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_firstRows));
        }
        catch (ChatException e)
        {
            job.Fail(e); // Its vector alone has no direction.
        }
    }

    private void FindRows()
    {
        _firstRows.Clear();
        int row = 0;
        foreach (ref readonly var slice in _batch.Slices)
        {
            _firstRows.Add(row);
            row += slice.LogitCount;
        }
    }

    private static ChatException Failed(Exception e) => e is ChatException known
        ? new(known.Kind, known.Message, known.Field, e)
        : new(ChatErrorKind.Internal, $"The embedder failed: {e.Message}", null, e);
}
