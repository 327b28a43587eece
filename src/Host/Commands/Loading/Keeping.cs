using Causerie.Host.Commands.Chatting;
using Causerie.Inference;

namespace Causerie.Host.Commands.Loading;

/// <summary>The end of a command that loaded a model: its weights may still be on their way to the disk.</summary>
/// <param name="terminal">Says what is being waited for, and why weights are not kept.</param>
/// <param name="texts">The language.</param>
/// <param name="model">The model; dispose of this before it.</param>
/// <param name="cancellationToken">Gives the keeping up.</param>
internal sealed class Keeping(
    Terminal terminal, ChatTexts texts, LoadedModel model, CancellationToken cancellationToken) : IDisposable
{
    private readonly HashSet<string> _said = [];

    /// <summary>Tells what the one who runs the model should know.</summary>
    public void SayNotes()
    {
        foreach (string note in model.Notes)
            Say(note);
    }

    /// <summary>Waits until the weights are kept for the next start, and says why if they are not.</summary>
    public void Await()
    {
        string? note;
        using (var line = new StatusLine(terminal))
        {
            // After Ctrl-C it is over soon, and the line may hold half an answer.
            if (!cancellationToken.IsCancellationRequested)
                line.Show(texts.Keeping, null);
            note = model.WaitUntilKept(cancellationToken);
        }

        if (note is not null)
            Say(note);
    }

    /// <inheritdoc/>
    public void Dispose() => Await();

    private void Say(string note)
    {
        if (_said.Add(note))
            terminal.Error.WriteLine(note);
    }
}
