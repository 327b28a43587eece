using Causerie.Chat;
using Causerie.Inference;
using Causerie.Inference.Gguf;
using Causerie.Inference.KvCache;

namespace Causerie.Host.Models;

/// <summary>Opens model files with the engine of this house.</summary>
/// <param name="load">Context, cache and kept weights of every model.</param>
/// <param name="engine">Limits of every engine.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told what the one who runs a model should know; called on any thread.</param>
/// <param name="draft">The file of a smaller model that guesses for those with its vocabulary; null where there is none.</param>
internal sealed class LocalModels(
    LoadOptions load, EngineOptions engine, TimeProvider time, Action<string> say, string? draft = null)
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
        try
        {
            if (model.Parameters.Bidirectional)
                return new LocalEncoder(model, engine);
            return draft is null || draft == file
                ? new LocalModel(model, engine, time)
                : await WithDraftAsync(model, draft, cancellationToken);
        }
        catch
        {
            // No memory for keys and values, or too little was given for one context: the weights go again.
            model.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of weights and of the least cache for the model in <paramref name="file"/>; 0 if it is damaged.</summary>
    public long Needs(string file)
    {
        try
        {
            using var head = GgufFile.Open(file);
            var summary = ModelSummary.Of(head);
            int context = load.ContextLength ?? Math.Min(summary.ContextLength ?? 0, LoadOptions.DefaultContextLength);
            long cache = engine.CacheBytes ?? ((summary.CacheValuesPerToken ?? 0) * context * BitsOf(load.KvElement) / 8);
            return summary.WeightBytes + cache + (draft is null ? 0 : new FileInfo(draft).Length);
        }
        catch (Exception e) when (e is IOException or GgufException or UnauthorizedAccessException)
        {
            // What is wrong with it, the loading says.
            return 0;
        }
    }

    /// <summary>Whether the model in <paramref name="file"/> writes answers; true if it is damaged.</summary>
    public static bool Chats(string file)
    {
        try
        {
            return ModelCardReader.Chats(GgufFile.ReadArchitecture(file));
        }
        catch (Exception e) when (e is IOException or GgufException or UnauthorizedAccessException)
        {
            // What is wrong with it, the loading says.
            return true;
        }
    }

    /// <summary>Bytes of weights and cache of a loaded model.</summary>
    public static long? Holds(IChatModel model) => model switch
    {
        LocalModel local => local.Model.Memory.Weights + (local.Engine.CacheTokens * local.Model.Memory.KvPerToken),
        LocalEncoder encoder => encoder.Model.Memory.Total,
        _ => null,
    };

    /// <summary>Whether a loaded model's file is not what it was.</summary>
    public static bool IsSpoilt(IChatModel model) => model is LocalModel { Model.IsSpoilt: true } or LocalEncoder { Model.IsSpoilt: true };

    /// <summary>Waits until the weights of all models are kept for the next start.</summary>
    public Task WaitUntilKeptAsync()
    {
        lock (_lock)
            return Task.WhenAll(_keeping);
    }

    private static long BitsOf(KvElement element) => element switch
    {
        KvElement.F32 => 32,
        KvElement.Q8_0 => 9, // A scale for each block of eight-bit numbers.
        _ => 16,
    };

    private async Task<LocalModel> WithDraftAsync(LoadedModel model, string file, CancellationToken cancellationToken)
    {
        var smaller = await Task.Run(
            () => LoadedModel.Load(file, load with { Id = null, ContextLength = null }), cancellationToken);
        try
        {
            return new LocalModel(model, engine, time, smaller);
        }
        catch (DraftException e)
        {
            smaller.Dispose();
            say($"{model.Card.Id}: it is served without guesses of a draft model. {e.Message}");
            return new LocalModel(model, engine, time);
        }
        catch
        {
            smaller.Dispose();
            throw;
        }
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
