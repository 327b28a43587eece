using Causerie.Chat;
using Causerie.Inference;

namespace Causerie.Host.Models;

/// <summary>Opens model files with the engine of this house.</summary>
/// <param name="load">Context and cache of every model.</param>
/// <param name="engine">Limits of every engine.</param>
/// <param name="time">The clock.</param>
/// <param name="notes">Where it is said what the one who runs a model should know.</param>
internal sealed class LocalModels(LoadOptions load, EngineOptions engine, TimeProvider time, TextWriter notes)
{
    /// <summary>A <see cref="ModelLoader"/>.</summary>
    public async Task<IChatModel> LoadAsync(
        string id, string file, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var options = load with { Id = id };
        var model = await Task.Run(() => LoadedModel.Load(file, options, new Stages(progress)), cancellationToken);
        foreach (string note in model.Notes)
            await notes.WriteLineAsync($"{id}: {note}");
        return new LocalModel(model, engine, time);
    }

    private sealed class Stages(IProgress<double> progress) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => progress.Report(value.Fraction);
    }
}
