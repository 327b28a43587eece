using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Gateway.Routing;
using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>Loads a model file. The result is disposed, where it can be, when it is no longer used.</summary>
/// <param name="id">The id that the model is to answer to.</param>
/// <param name="file">Full path of the file.</param>
/// <param name="progress">Told what is done and how much is loaded.</param>
/// <param name="cancellationToken">Stops the loading.</param>
public delegate Task<IChatModel> ModelLoader(
    string id, string file, IProgress<LoadProgress> progress, CancellationToken cancellationToken);

/// <summary>The model files of this server: loads and unloads them while it runs, and routes requests to them.</summary>
/// <param name="load">Loads a model.</param>
/// <param name="options">How long models stay, and in how much memory; null takes the defaults.</param>
/// <param name="clock">Measures how long nobody asks a model; null takes the system's.</param>
public sealed class ModelLibrary(ModelLoader load, LibraryOptions? options = null, TimeProvider? clock = null)
    : IAsyncDisposable
{
    private readonly LibraryOptions _options = options ?? new LibraryOptions();
    private readonly MemoryBudget _memory = new(options ?? new LibraryOptions());
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private ImmutableArray<ShelvedModel> _shelf = [];
    private int _closed;

    /// <summary>All models, ready to be asked.</summary>
    public Router Router { get; } = new();

    /// <summary>Every file and where it stands, in the order that they were added.</summary>
    public ImmutableArray<LibraryModel> Models => [.. _shelf.Select(model => model.Now)];

    /// <summary>Raised after <see cref="Models"/> changed, on any thread.</summary>
    public event Action? Changed;

    /// <summary>Puts a file on the shelf; it is loaded when first asked, or by <see cref="LoadAsync"/>.</summary>
    /// <returns>The model's id: the file's name without its ending, with its folder's name where that is taken.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">Both names are taken by other files.</exception>
    public string Add(string file) => Add(file, builtIn: false);

    /// <summary>Puts the model that ships with the program on the shelf, unless one of its name is there.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public void AddBuiltIn(string file)
    {
        if (Models.All(model => model.Id != BuiltInModel.Id))
            Add(file, builtIn: true);
    }

    private string Add(string file, bool builtIn)
    {
        file = Path.GetFullPath(file);
        var info = new FileInfo(file);
        if (!info.Exists)
            throw new FileNotFoundException($"There is no model file '{file}'.", file);
        lock (_lock)
        {
            if (_shelf.FirstOrDefault(model => model.Now.File == file) is { } known)
                return known.Now.Id;
            var model = new ShelvedModel(
                FreeId(info), info, load, _memory, _options, clock ?? TimeProvider.System, _closing.Token,
                builtIn);
            Router.Add(model);
            model.Changed += OnChanged;
            _shelf = _shelf.Add(model);
            OnChanged();
            return model.Now.Id;
        }
    }

    /// <summary>Puts every model file under <paramref name="folder"/> on the shelf; a missing folder holds none.</summary>
    public void AddFolder(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder, "*.gguf", SearchOption.AllDirectories).Order())
        {
            if (ModelFileName.IsFirst(file))
                Add(file);
        }
    }

    /// <summary>Loads a model now, unless it is loaded.</summary>
    /// <exception cref="ChatException">There is no such model, or its file cannot be loaded.</exception>
    public async Task LoadAsync(string id, CancellationToken cancellationToken) =>
        (await Find(id).AcquireAsync(cancellationToken)).Release();

    /// <summary>Looks into a model on this machine, which is loaded where it is not.</summary>
    /// <param name="id">The model's id.</param>
    /// <param name="look">Given the model, which stays loaded meanwhile.</param>
    /// <param name="cancellationToken">Ends the waiting; the loading goes on for the next one.</param>
    /// <exception cref="ChatException">There is no such model, it does not run here, or its file cannot be loaded.</exception>
    public async Task<T> LookAsync<T>(string id, Func<LocalModel, T> look, CancellationToken cancellationToken)
    {
        if (_shelf.FirstOrDefault(model => model.Now.Id == id) is not { } found)
        {
            throw Router.Models.All(card => card.Id != id) ? Router.NotFound(id) : Elsewhere(id);
        }

        var loaded = await found.AcquireAsync(cancellationToken);
        try
        {
            return loaded.Model is LocalModel model ? look(model) : throw Elsewhere(id);
        }
        finally
        {
            loaded.Release();
        }
    }

    /// <summary>Frees a model's memory; it stays on the shelf. Answers that it is giving end first.</summary>
    /// <exception cref="ChatException">There is no such model.</exception>
    public void Unload(string id) => Find(id).Unload();

    /// <summary>Takes a model off the shelf; its file stays. Answers that it is giving end first.</summary>
    /// <exception cref="ChatException">There is no such model.</exception>
    public void Remove(string id)
    {
        lock (_lock)
        {
            var model = Find(id);
            Router.Remove(model);
            _shelf = _shelf.Remove(model);
            model.Unload();
        }

        OnChanged();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        await _closing.CancelAsync();
        foreach (var model in _shelf)
            model.Unload();
        _closing.Dispose();
    }

    private static ChatException Elsewhere(string id) => new(
        ChatErrorKind.Unsupported, $"The tokens of '{id}' are not known: it does not run on this machine.", "model");

    private ShelvedModel Find(string id) =>
        _shelf.FirstOrDefault(model => model.Now.Id == id)
        ?? throw new ChatException(ChatErrorKind.ModelNotFound, $"There is no model file called '{id}' here.", "model");

    private string FreeId(FileInfo file)
    {
        string name = ModelFileName.Id(file.Name);
        string[] candidates = file.Directory is { } folder ? [name, $"{folder.Name}/{name}"] : [name];
        return candidates.FirstOrDefault(id => Router.Models.All(card => card.Id != id))
            ?? throw new ArgumentException(
                $"The names '{string.Join("' and '", candidates)}' are taken by other models: rename '{file}'.");
    }

    private void OnChanged() => Changed?.Invoke();
}
