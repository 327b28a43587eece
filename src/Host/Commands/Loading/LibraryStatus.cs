using Causerie.Host.Commands.Chatting;
using Causerie.Host.Models;

namespace Causerie.Host.Commands.Loading;

/// <summary>Shows on the server's terminal which model is being loaded, and how far it is.</summary>
internal sealed class LibraryStatus : IDisposable
{
    private readonly StatusLine _line;
    private readonly ModelLibrary _library;

    /// <summary>Watches <paramref name="library"/> until disposal.</summary>
    public LibraryStatus(StatusLine line, ModelLibrary library)
    {
        _line = line;
        _library = library;
        library.Changed += OnChanged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _library.Changed -= OnChanged;
        _line.Clear();
    }

    private void OnChanged()
    {
        if (_library.Models.FirstOrDefault(model => model.State == LibraryState.Loading) is { } loading)
            _line.Show($"{loading.Id}: {ChatTexts.English.Loading(loading.Stage)}", loading.Progress);
        else
            _line.Clear();
    }
}
