namespace Causerie.Host.Commands;

/// <summary>The exit codes that every command keeps to, so that a script can tell what happened.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The command could not do its work; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the input is malformed; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
