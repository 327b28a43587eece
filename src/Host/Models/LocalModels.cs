using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>Opens model files with the engine of this house.</summary>
/// <param name="load">Context, cache and kept weights of every model.</param>
/// <param name="engine">Limits of every engine.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told what the one who runs a model should know; called on any thread.</param>
internal sealed class LocalModels(LoadOptions load, EngineOptions engine, TimeProvider time, Action<string> say)
{
    private readonly Lock _lock = new();
    private readonly List<Task> _keeping = [];

    /// <summary>A <see cref="ModelLoader"/>.</summary>
    public async Task<IChatModel> LoadAsync(
        string id, string file, IProgress<LoadProgress> progress, CancellationToken cancellationToken)
    {
        var options = load with { Id = id };
        var model = await Task.Run(() => LoadedModel.Load(file, options, progress), cancellationToken);
        string[] notes = [.. model.Notes];
        foreach (string note in notes)
            say($"{id}: {note}");
        Follow(Task.Factory.StartNew(
            () =>
            {
                if (model.WaitUntilKept() is { } note && !notes.Contains(note))
                    say($"{id}: {note}");
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return new LocalModel(model, engine, time);
    }

    /// <summary>Waits until the weights of all models are kept for the next start.</summary>
    public Task WaitUntilKeptAsync()
    {
        lock (_lock)
            return Task.WhenAll(_keeping);
    }

    private void Follow(Task keeping)
    {
        lock (_lock)
        {
            _keeping.RemoveAll(task => task.IsCompleted);
            _keeping.Add(keeping);
        }
    }
}
