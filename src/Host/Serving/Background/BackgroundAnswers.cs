using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Host.Endpoints;

namespace Causerie.Host.Serving.Background;

/// <summary>
/// Answers that are made while nobody waits: started, followed from any event on, cancelled, kept with their events when
/// they end, and made again, with the same seed, by the next server where one ended in the middle.
/// </summary>
internal sealed partial class BackgroundAnswers : IHostedService, IAsyncDisposable
{
    private const string EventsKind = "answer events";
    private const int MostAttempts = 3; // an answer that ends so many servers which went on with it is told to have failed
    private const int MostUnkept = 256; // whose events can be followed though the disk did not take them

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // events are full of quotes

    private readonly IChatModel _model;
    private readonly ApiObjects _objects;
    private readonly TimeProvider _clock;
    private readonly ILogger<BackgroundAnswers> _log;
    private readonly bool _outlivesServer;
    private readonly ImmutableDictionary<string, Dialect> _dialects = Dialect.Discover().ToImmutableDictionary(dialect => dialect.Name);
    private readonly ConcurrentDictionary<(string Owner, string Id), BackgroundEntry> _entries = new();
    private readonly ConcurrentQueue<(string Owner, string Id)> _unkept = new();
    private readonly Lock _resuming = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _started;
    private bool _disposed;

    public BackgroundAnswers(
        IChatModel model, ApiObjects objects, ServerOptions options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<BackgroundAnswers> log)
    {
        (_model, _objects, _clock, _log) = (model, objects, clock, log);
        _outlivesServer = options.DataFolder is not null;
        _started = lifetime.ApplicationStarted.Register(Resume);
    }

    /// <summary>The same requests with seeds, so that they can be asked again.</summary>
    public static ImmutableArray<ChatRequest> Seeded(ImmutableArray<ChatRequest> requests) => [.. requests.Select(request => request with
    {
        Sampling = request.Sampling with { Seed = request.Sampling.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) },
    })];

    /// <summary>Begins an answer.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="requests">The same, with who asks, and <see cref="Seeded"/>.</param>
    /// <param name="ticket">What to make it again from.</param>
    public BackgroundEntry Start(BackgroundCall call, ImmutableArray<ChatRequest> requests, BackgroundTicket ticket)
    {
        if (!_model.Models.Any(card => card.Id == ticket.Model))
            throw new ChatException(ChatErrorKind.ModelNotFound, $"The model '{ticket.Model}' does not exist.", "model");
        var entry = new BackgroundEntry(call);
        entry.Add(call.WriteQueued);
        Keep([Shape(call.Now, ticket), ticket.ToObject()], []);
        _entries[(ticket.Owner, ticket.Id)] = entry;
        entry.Completion = Task.Run(() => RunAsync(entry, requests, ticket));
        return entry;
    }

    /// <summary>One that is being made; null where there is none.</summary>
    public BackgroundEntry? Find(string owner, string id) => _entries.TryGetValue((owner, id), out var entry) ? entry
        : _objects.Find(BackgroundTicket.Kind, id, owner) is { } ticket ? Resume(ticket) : null;

    /// <summary>The events of one that has ended, behind a number; null where none are kept.</summary>
    public IEnumerable<byte[]>? Ended(string owner, string id, int after) => _objects.Find(EventsKind, id, owner) is { } kept
        ? BackgroundEntry.Split(Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(kept.Json)!)).Skip(after + 1) : null;

    /// <summary>Ends one that is being made, and tells its events no more; what was kept of it stays.</summary>
    public async Task ForgetAsync(string owner, string id, CancellationToken cancellationToken)
    {
        if (Find(owner, id) is { } entry)
        {
            entry.Cancel();
            await entry.Completion.WaitAsync(cancellationToken);
        }

        _entries.TryRemove((owner, id), out _);
        _objects.Delete(EventsKind, id, owner);
        _objects.Delete(BackgroundTicket.Kind, id, owner); // one that ended with its server would be made again
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_entries.Values.Select(entry => entry.Completion)).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return; // both the answers and the hosted service are this
        await StopAsync(CancellationToken.None);
        await _started.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Goes on with what the last server left.</summary>
    private void Resume()
    {
        var tickets = _objects.OfAll(BackgroundTicket.Kind);
        foreach (var kept in tickets)
            Resume(kept);
        if (tickets.Count > 0)
            LogResumed(_log, tickets.Count);
    }

    private BackgroundEntry? Resume(ApiObject kept)
    {
        lock (_resuming)
        {
            if (_entries.TryGetValue((kept.Owner, kept.Id), out var running))
                return running;
            if (_objects.Find(BackgroundTicket.Kind, kept.Id, kept.Owner) is null)
                return null; // it has just ended
            try
            {
                var ticket = BackgroundTicket.From(kept);
                if (ticket.Attempts >= MostAttempts)
                    throw new ChatException(ChatErrorKind.Internal, $"{MostAttempts} servers went on with it and ended before it did.");
                var (call, requests) = ticket.Read(_dialects[ticket.Dialect], _model.Models);
                return Start(call, requests, ticket with { Attempts = ticket.Attempts + 1 });
            }
            catch (Exception failure) when (failure is RejectedException or ChatException or KeyNotFoundException or FormatException)
            {
                LogLost(_log, failure, kept.Id);
                Keep([], [kept]); // without it the answer is told to have failed
                return null;
            }
        }
    }

    private async Task RunAsync(BackgroundEntry entry, ImmutableArray<ChatRequest> requests, BackgroundTicket ticket)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(entry.Cancelled, _stop.Token);
        var call = entry.Call;
        ImmutableArray<DialectObject> kept;
        try
        {
            await foreach (var (choice, chatEvent) in Choices.StreamAsync(_model, requests, stop.Token))
                entry.Add(output => call.WriteEvent(choice, chatEvent, output));
            kept = call.Kept;
        }
        catch (OperationCanceledException) when (entry.Cancelled.IsCancellationRequested)
        {
            entry.Add(call.WriteCancelled);
            kept = [call.Now];
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested && _outlivesServer)
        {
            Keep([(ticket with { Attempts = 0 }).ToObject()], []); // the next server makes it again
            entry.End();
            return;
        }
#pragma warning disable CA1031 // Whatever a model throws, who asks later must see it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (failure is OperationCanceledException)
                failure = new ChatException(ChatErrorKind.Unavailable, "The server is shutting down. Ask again when it is back.");
            var error = DialectEndpoint.Describe(failure, ticket.Id, _dialects[ticket.Dialect].Describe, _log);
            entry.Add(output => call.WriteFailed(error, output));
            kept = [call.Now];
        }

        var events = new ApiObject(EventsKind, ticket.Id, ticket.Owner, _clock.GetUtcNow(), JsonSerializer.Serialize(entry.Events(), Relaxed));
        bool isKept = Keep([.. kept.Select(one => Shape(one, ticket)), events], [ticket.ToObject()]);
        entry.End();
        if (isKept)
        {
            _entries.TryRemove((ticket.Owner, ticket.Id), out _);
            return;
        }

        _unkept.Enqueue((ticket.Owner, ticket.Id));
        while (_unkept.Count > MostUnkept && _unkept.TryDequeue(out var oldest))
            _entries.TryRemove(oldest, out _);
    }

    private ApiObject Shape(DialectObject one, BackgroundTicket ticket) => new(one.Kind, one.Id, ticket.Owner, _clock.GetUtcNow(), one.Json);

    /// <returns>Whether the disk took it; else the answer can be followed while this process lives.</returns>
    private bool Keep(IReadOnlyList<ApiObject> kept, IReadOnlyList<ApiObject> forgotten)
    {
        try
        {
            _objects.Change(kept, forgotten);
            return true;
        }
        catch (StorageException failure)
        {
            LogUnkept(_log, failure);
            return false;
        }
    }

    [LoggerMessage(20, LogLevel.Information, "Going on with {Count} answers that the last server left")]
    private static partial void LogResumed(ILogger logger, int count);

    [LoggerMessage(21, LogLevel.Error, "The answer {Id} cannot be gone on with")]
    private static partial void LogLost(ILogger logger, Exception failure, string id);

    [LoggerMessage(22, LogLevel.Error, "An answer could not be kept")]
    private static partial void LogUnkept(ILogger logger, Exception failure);
}
