using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Host.Models;

namespace Causerie.Host.Serving;

/// <summary>Loads the models that the command line names, while the server already answers.</summary>
internal sealed partial class Opening(ModelLibrary library, ILogger<Opening> log)
{
    private ImmutableArray<string> _ids = [];

    /// <summary>Whether each was loaded or has failed.</summary>
    public bool Done { get; private set; } = true;

    /// <summary>Puts the files on the shelf now; they load in the background with <see cref="RunAsync"/>.</summary>
    /// <exception cref="ServerException">A file that was asked for is not there.</exception>
    public void Prepare(ServerOptions options)
    {
        try
        {
            _ids = [.. options.ModelFiles.Select(library.Add)];
            if (options.DataFolder is { } data)
                library.AddFolder(DataFolder.Models(data));
            if (options.BuiltIn is { } own)
                library.AddBuiltIn(own);
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new ServerException(failure.Message, failure);
        }

        Done = _ids.IsEmpty;
    }

    /// <summary>Loads them, one after the other: they share the disk.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (string id in _ids)
        {
            try
            {
                await library.LoadAsync(id, cancellationToken);
                LogLoaded(log, id);
            }
            catch (ChatException failure)
            {
                LogFailed(log, failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        Done = true;
    }

    [LoggerMessage(4, LogLevel.Information, "{Model} is loaded")]
    private static partial void LogLoaded(ILogger logger, string model);

    [LoggerMessage(5, LogLevel.Error, "{Message}")]
    private static partial void LogFailed(ILogger logger, string message);
}
