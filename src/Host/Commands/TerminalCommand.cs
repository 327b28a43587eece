using System.CommandLine;
using Causerie.Chat;
using Causerie.Host.Serving;
using Causerie.Inference.Gguf;
using Causerie.Text.Templates;
using Causerie.Training.Corpus;

namespace Causerie.Host.Commands;

/// <summary>A command of <c>causerie</c>; subclasses in this assembly are found by themselves, one file each.</summary>
/// <remarks>A subclass has a public constructor that takes the <see cref="Commands.Terminal"/>.</remarks>
internal abstract class TerminalCommand : Command
{
    /// <summary>Declares a command.</summary>
    /// <param name="terminal">What the command may touch of the process.</param>
    /// <param name="name">The word that calls it.</param>
    /// <param name="description">What it does; the first line is the summary in the list of commands.</param>
    protected TerminalCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction(InvokeAsync);
    }

    /// <summary>Command lines worth copying, each with what it does.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>What the exit codes mean here, beyond the common meaning.</summary>
    public virtual IReadOnlyDictionary<int, string> ExitCodes => new Dictionary<int, string>();

    /// <summary>Where the command reads and writes.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Does the work.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    /// <exception cref="CommandException">It cannot be done, with the reason for the person.</exception>
    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var work = Terminal.Interrupts.Begin(cancellationToken);
        try
        {
            EmittedKernels.Apply(Terminal.Variable);
            return await RunAsync(arguments, work.Token);
        }
        catch (OperationCanceledException) when (work.Token.IsCancellationRequested)
        {
            // The terminal echoed ^C; the shell's prompt begins on a line of its own.
            if (!Terminal.ErrorRedirected)
                await Terminal.Error.WriteLineAsync();
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            return Report(e);
        }
    }

    private int Report(Exception exception)
    {
        (string message, int code) = exception switch
        {
            CommandException e => (e.Message, e.ExitCode),
            ChatException { Kind: ChatErrorKind.InvalidRequest or ChatErrorKind.Unsupported } e
                => (e.Message, ExitCode.Usage),
            ChatException or FormatException or NotSupportedException or IOException or InvalidDataException
                or UnauthorizedAccessException or HttpRequestException or GgufException or TemplateException
                or ServerException or CorpusException
                => (exception.Message, ExitCode.Failure),
            OutOfMemoryException => ("There is not enough memory for this.", ExitCode.Failure),
            _ => ($"A fault of causerie itself ({exception.GetType().Name}: {exception.Message}). "
                + "Set CAUSERIE_DEBUG=1 to see where, and please report it.", ExitCode.Failure),
        };
        Terminal.Error.WriteLine($"causerie {Name}: {message}");
        if (Terminal.Variable("CAUSERIE_DEBUG") is { Length: > 0 })
            Terminal.Error.WriteLine(exception);
        return code;
    }
}

/// <summary>A command line worth copying.</summary>
/// <param name="Line">What to type.</param>
/// <param name="Meaning">What it does.</param>
internal sealed record Example(string Line, string Meaning);
