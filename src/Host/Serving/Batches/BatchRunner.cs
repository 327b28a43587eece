using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Host.Models;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Batches;

/// <summary>The batches at work: begun, told, cancelled, and gone on with when the server starts again.</summary>
internal sealed class BatchRunner : IHostedService, IAsyncDisposable
{
    private readonly BatchPlace _place;
    private readonly ILogger<BatchRunner> _log;
    private readonly bool _isTemporary;
    private readonly ConcurrentDictionary<(string Owner, string Id), (BatchWork Work, Task Running)> _works = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly CancellationTokenRegistration _started;
    private readonly CancellationTokenRegistration _told;
    private bool _disposed;

    public BatchRunner(
        ApiObjects objects, ApiFiles files, BatchTargets targets, ServerOptions options, TimeProvider clock,
        IHostApplicationLifetime lifetime, ILogger<BatchRunner> log)
    {
        _isTemporary = options.DataFolder is null;
        string folder = options.DataFolder is { } data
            ? DataFolder.Batches(data) : Directory.CreateTempSubdirectory("causerie-batches-").FullName;
        _place = new BatchPlace(objects, files, targets, folder, options.MaxRequestBytes, new SemaphoreSlim(options.BatchParallel), clock);
        Directory.CreateDirectory(folder);
        _log = log;
        // Hosted services start before the endpoints are there that batches ask.
        _started = lifetime.ApplicationStarted.Register(Resume);
        _told = lifetime.ApplicationStopping.Register(_stop.Cancel);
    }

    /// <summary>Begins a batch.</summary>
    public JsonObject Begin(BatchDraft draft, Caller asker)
    {
        var now = _place.Clock.GetUtcNow();
        var batch = BatchObject.Begin(draft, now);
        var ticket = BatchTicket.Begin(batch, asker, draft.OutputLifetime);
        var begun = batch.ToJson();
        _place.Objects.Put(new ApiObject(BatchObject.Kind, batch.Id, asker.Owner, now, begun.ToJsonString()), ticket.ToObject(now));
        Run(batch, ticket);
        return begun;
    }

    /// <summary>A batch that is at work, as it stands now; null where there is none.</summary>
    public JsonObject? Now(string owner, string id) => _works.TryGetValue((owner, id), out var at) ? at.Work.Now() : null;

    /// <summary>Asks a batch to end.</summary>
    /// <returns>Whether it was at work.</returns>
    public bool Cancel(string owner, string id)
    {
        if (!_works.TryGetValue((owner, id), out var at))
            return false;
        at.Work.Cancel();
        return true;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_works.Values.Select(at => at.Running)).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return; // both the runner and the hosted service are this
        await _stop.CancelAsync();
        await _kill.CancelAsync();
        await Task.WhenAll(_works.Values.Select(at => at.Running));
        await _started.DisposeAsync();
        await _told.DisposeAsync();
        _stop.Dispose();
        _kill.Dispose();
        _place.Slots.Dispose();
        if (_isTemporary && Directory.Exists(_place.Folder))
            Directory.Delete(_place.Folder, recursive: true);
    }

    /// <summary>Goes on with what the last server left.</summary>
    private void Resume()
    {
        foreach (var kept in _place.Objects.OfAll(BatchTicket.Kind))
        {
            if (_place.Objects.Find(BatchObject.Kind, kept.Id, kept.Owner) is { } batch)
                Run(BatchObject.Parse(batch.Json), BatchTicket.From(kept));
        }
    }

    private void Run(BatchObject batch, BatchTicket ticket)
    {
        var key = (ticket.Asker.Owner, batch.Id);
        var work = new BatchWork(batch, ticket, _place, _log, _stop.Token, _kill.Token);
        var begun = new TaskCompletionSource();
        _works[key] = (work, RunAsync());
        begun.SetResult(); // not before it can be found

        async Task RunAsync()
        {
            await begun.Task;
            await Task.Yield();
            await work.RunAsync();
            _works.TryRemove(key, out _);
        }
    }
}
