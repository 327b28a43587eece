using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>A model file that is loaded when first asked, and unloaded once its last answer has ended.</summary>
internal sealed class ShelvedModel : IChatModel, IEmbeddingModel
{
    private readonly Lock _lock = new();
    private readonly ModelLoader _load;
    private readonly MemoryBudget _memory;
    private readonly LibraryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ModelCard _card;
    private readonly CancellationToken _closing;
    private Task<Residence>? _loading;
    private Residence? _resident;
    private int _turn;
    private LibraryModel _now;

    public ShelvedModel(
        string id, FileInfo file, ModelLoader load, MemoryBudget memory, LibraryOptions options, TimeProvider clock,
        CancellationToken closing, bool builtIn = false)
    {
        _load = load;
        _memory = memory;
        _options = options;
        _clock = clock;
        _closing = closing;
        _now = new LibraryModel(id, file.FullName, LibraryState.Shelved, 0, LoadStage.ReadFile, null);
        _card = new ModelCard(id, new DateTimeOffset(file.LastWriteTimeUtc), "causerie")
        {
            FileSize = file.Length,
            IsBuiltIn = builtIn,
            Chats = options.Chats(file.FullName),
        };
        Models = [_card];
    }

    /// <summary>Raised after <see cref="Now"/> changed.</summary>
    public event Action? Changed;

    /// <summary>Where the file stands.</summary>
    public LibraryModel Now => Volatile.Read(ref _now);

    /// <summary>Since when the loaded model has not been asked; null while it answers, loads, or is not there.</summary>
    public long? IdleSince
    {
        get
        {
            lock (_lock)
                return _resident?.IdleSince;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var loaded = await AcquireAsync(cancellationToken);
        try
        {
            await foreach (var chatEvent in loaded.Model.StreamAsync(request, cancellationToken)
                .WithCancellation(cancellationToken))
            {
                yield return chatEvent is ChatStarted started ? started with { Model = _card.Id } : chatEvent;
            }
        }
        finally
        {
            Leave(loaded);
        }
    }

    /// <inheritdoc/>
    public async Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var loaded = await AcquireAsync(cancellationToken);
        try
        {
            return loaded.Model is IEmbeddingModel model
                ? await model.EmbedAsync(request, cancellationToken) with { Model = _card.Id }
                : throw new ChatException(ChatErrorKind.Unsupported, $"The model '{_card.Id}' gives no embeddings.", "model");
        }
        finally
        {
            Leave(loaded);
        }
    }

    /// <summary>The loaded model, loading it where it is not; the caller releases it.</summary>
    /// <exception cref="ChatException">The file cannot be loaded.</exception>
    public async Task<Residence> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<Residence> loading;
            lock (_lock)
            {
                int turn = _turn;
                loading = _loading ??= Task.Run(() => LoadAsync(turn), CancellationToken.None);
            }

            // The caller may leave; the loading goes on for the next one.
            var loaded = await loading.WaitAsync(cancellationToken);
            if (loaded.TryAcquire())
                return loaded;
        }
    }

    /// <summary>Lets the memory go as soon as no answer needs it.</summary>
    public void Unload()
    {
        if (Forget(_ => true) is { } gone)
            _ = RetireAsync(gone);
    }

    /// <summary>Unloads the model if nobody asks it now, and waits until its memory is free.</summary>
    public async Task UnloadIdleAsync()
    {
        if (Forget(resident => resident?.TryRetireIdle() ?? false) is { } gone)
            await (await gone).Gone;
    }

    private void Leave(Residence loaded)
    {
        if (_options.IsSpoilt(loaded.Model))
            _ = UnloadAsync(loaded);
        loaded.Release();
    }

    private static async Task RetireAsync(Task<Residence> gone)
    {
        await ((Task)gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (gone.IsCompletedSuccessfully)
            (await gone).Retire();
    }

    private async Task UnloadAsync(Residence spoilt)
    {
        if (Forget(resident => resident == spoilt) is { } gone)
            await RetireAsync(gone);
    }

    /// <summary>The next caller loads anew.</summary>
    /// <param name="when">Given what is loaded, whether to; null is given where nothing is yet.</param>
    /// <returns>What was loaded or loading; null where nothing was, or it stays.</returns>
    private Task<Residence>? Forget(Predicate<Residence?> when)
    {
        Task<Residence>? gone;
        lock (_lock)
        {
            if (_loading is null || !when(_resident))
                return null;
            gone = _loading;
            _loading = null;
            _resident = null;
            _turn++;
        }

        Set(Now with { State = LibraryState.Shelved, Progress = 0, Error = null });
        return gone;
    }

    /// <param name="turn">Tells whether anybody still waits for this loading.</param>
    private async Task<Residence> LoadAsync(int turn)
    {
        MemoryBudget.Lease? memory = null;
        try
        {
            memory = await _memory.TakeAsync(this, _closing);
            Set(Now with { State = LibraryState.Loading, Progress = 0, Stage = LoadStage.ReadFile, Error = null });
            var model = await _load(Now.Id, Now.File, new Relay(this), _closing);
            memory.Bytes = _options.Holds(model) ?? memory.Bytes;
            // The file knows more of itself, but its name here is the shelf's.
            Models = [model.Models[0] with { Id = _card.Id, Created = _card.Created, IsBuiltIn = _card.IsBuiltIn, Chats = _card.Chats }];
            var resident = new Residence(model, memory, _clock, _options.UnloadAfter, UnloadIdleAsync);
            lock (_lock)
            {
                if (turn == _turn)
                    _resident = resident;
            }

            Set(Now with { State = resident == _resident ? LibraryState.Loaded : LibraryState.Shelved, Progress = 1 });
            return resident;
        }
        catch (Exception failure)
        {
            memory?.Dispose();
            Set(Now with { State = LibraryState.Failed, Progress = 0, Error = failure.Message });
            lock (_lock)
            {
                if (turn == _turn)
                    _loading = null;
            }

            throw failure is ChatException ? failure : new ChatException(
                ChatErrorKind.Unavailable, $"The model '{Now.Id}' could not be loaded: {failure.Message}", "model",
                failure);
        }
    }

    private void Set(LibraryModel now)
    {
        Volatile.Write(ref _now, now);
        Changed?.Invoke();
    }

    private sealed class Relay(ShelvedModel model) : IProgress<LoadProgress>
    {
        private readonly Lock _lock = new();

        public void Report(LoadProgress value)
        {
            // Several threads report; what is done does not become less.
            lock (_lock)
            {
                var now = model.Now;
                // A step that nobody could see is not worth waking the page.
                if (value.Fraction - now.Progress >= 0.01 || (value.Stage != now.Stage && value.Stage != LoadStage.Ready))
                    model.Set(now with { Progress = Math.Max(now.Progress, value.Fraction), Stage = value.Stage });
            }
        }
    }
}
