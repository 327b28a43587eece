using Causerie.Host.Commands.Chatting;
using Causerie.Inference;

namespace Causerie.Host.Commands.Loading;

/// <summary>Opens one model for a command: the terminal shows how far it is, and Ctrl-C need not wait for it.</summary>
internal static class ModelLoading
{
    /// <summary>Opens a model.</summary>
    /// <param name="terminal">Shows the progress where standard error is a screen.</param>
    /// <param name="texts">The language.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops the waiting; the loading ends by itself.</param>
    /// <exception cref="CommandException">The context asked for is longer than the model's.</exception>
    public static async Task<LoadedModel> OpenAsync(
        Terminal terminal, ChatTexts texts, string path, LoadOptions options, CancellationToken cancellationToken)
    {
        using var line = new StatusLine(terminal);
        var progress = new Stages(line, texts);
        var loading = Task.Run(() => LoadedModel.Load(path, options, progress), CancellationToken.None);
        try
        {
            return await loading.WaitAsync(cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw CommandException.Usage(e.Message);
        }
        catch (OperationCanceledException)
        {
            _ = DisposeAsync(loading);
            throw;
        }
    }

    private static async Task DisposeAsync(Task<LoadedModel> abandoned)
    {
        await ((Task)abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (abandoned.IsCompletedSuccessfully)
            (await abandoned).Dispose();
    }

    private sealed class Stages(StatusLine line, ChatTexts texts) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => line.Show(texts.Loading(value.Stage), value.Fraction);
    }
}
