namespace Causerie.Host.Commands;

/// <summary>A failure that the person at the terminal can act upon: the message says what to do next.</summary>
public sealed class CommandException(string message, int exitCode = ExitCode.Failure, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>One of <see cref="Commands.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>A command line or an input at fault.</summary>
    public static CommandException Usage(string message) => new(message, Commands.ExitCode.Usage);
}
