using Causerie.Chat;

namespace Causerie.Host.Models;

/// <summary>Opens model files with the engine of this house.</summary>
internal static class LocalModels
{
    /// <summary>A <see cref="ModelLoader"/>.</summary>
    public static Task<IChatModel> LoadAsync(
        string id, string file, IProgress<double> progress, CancellationToken cancellationToken) =>
        throw new NotSupportedException(
            $"'{file}' cannot be opened as '{id}' ({progress}, {cancellationToken}): no engine is built in yet.");
}
