using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>A model file that is loaded when first asked, and unloaded once its last answer has ended.</summary>
internal sealed class ShelvedModel : IChatModel
{
    private readonly Lock _lock = new();
    private readonly ModelLoader _load;
    private readonly ModelCard _card;
    private readonly CancellationToken _closing;
    private Task<Loaded>? _loading;
    private LibraryModel _now;

    public ShelvedModel(string id, FileInfo file, ModelLoader load, CancellationToken closing)
    {
        _load = load;
        _closing = closing;
        _now = new LibraryModel(id, file.FullName, LibraryState.Shelved, 0, LoadStage.ReadFile, null);
        _card = new ModelCard(id, new DateTimeOffset(file.LastWriteTimeUtc), "causerie") { FileSize = file.Length };
        Models = [_card];
    }

    /// <summary>Raised after <see cref="Now"/> changed.</summary>
    public event Action? Changed;

    /// <summary>Where the file stands.</summary>
    public LibraryModel Now => Volatile.Read(ref _now);

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
            loaded.Release();
        }
    }

    /// <summary>The loaded model, loading it where it is not; the caller releases it.</summary>
    /// <exception cref="ChatException">The file cannot be loaded.</exception>
    public async Task<Loaded> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<Loaded> loading;
            lock (_lock)
            {
                loading = _loading ??= Task.Run(LoadAsync, CancellationToken.None);
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
        Task<Loaded>? gone;
        lock (_lock)
        {
            gone = _loading;
            _loading = null;
        }

        if (gone is null)
            return;
        Set(Now with { State = LibraryState.Shelved, Progress = 0, Error = null });
        _ = RetireAsync(gone);
    }

    private static async Task RetireAsync(Task<Loaded> gone)
    {
        await ((Task)gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (gone.IsCompletedSuccessfully)
            (await gone).Retire();
    }

    private async Task<Loaded> LoadAsync()
    {
        Set(Now with { State = LibraryState.Loading, Progress = 0, Stage = LoadStage.ReadFile, Error = null });
        try
        {
            var model = await _load(Now.Id, Now.File, new Relay(this), _closing);
            // The file knows more of itself, but its name here is the shelf's.
            Models = [model.Models[0] with { Id = _card.Id, Created = _card.Created }];
            Set(Now with { State = LibraryState.Loaded, Progress = 1 });
            return new Loaded(model);
        }
        catch (Exception failure)
        {
            Set(Now with { State = LibraryState.Failed, Progress = 0, Error = failure.Message });
            lock (_lock)
            {
                _loading = null;
            }

            throw new ChatException(
                ChatErrorKind.Unavailable, $"The model '{Now.Id}' could not be loaded: {failure.Message}", "model",
                failure);
        }
    }

    private void Set(LibraryModel now)
    {
        Volatile.Write(ref _now, now);
        Changed?.Invoke();
    }

    /// <summary>A model in memory with the count of those who use it.</summary>
    internal sealed class Loaded(IChatModel model)
    {
        private readonly Lock _lock = new();
        private int _users;
        private bool _retired;

        public IChatModel Model { get; } = model;

        public bool TryAcquire()
        {
            lock (_lock)
            {
                if (_retired)
                    return false;
                _users++;
                return true;
            }
        }

        public void Release() => Settle(() => --_users == 0 && _retired);

        public void Retire() => Settle(() => (_retired = true) && _users == 0);

        private void Settle(Func<bool> last)
        {
            lock (_lock)
            {
                if (!last())
                    return;
            }

            _ = DisposeAsync();
        }

        private async Task DisposeAsync()
        {
            if (Model is IAsyncDisposable later)
                await later.DisposeAsync();
            else
                (Model as IDisposable)?.Dispose();
        }
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
