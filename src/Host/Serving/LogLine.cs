using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Causerie.Host.Serving;

/// <summary>One short line for each entry of the log: the time, the level where it matters, the message.</summary>
internal sealed class LogLine(TimeProvider clock, ServerOptions options) : ConsoleFormatter(LogLine.Name)
{
    public new const string Name = "line";

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string time = clock.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        string level = logEntry.LogLevel >= LogLevel.Warning ? $"{logEntry.LogLevel.ToString().ToUpperInvariant()} " : "";
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.WriteLine($"{options.BeforeLogLine}{time} {level}{Printable(message)}");
        if (logEntry.Exception is { } failure)
            textWriter.WriteLine(failure);
    }

    // A path may hold anything: nothing in it may start a line or move the cursor.
    private static string Printable(string message) =>
        message.Any(char.IsControl) ? new string([.. message.Select(c => char.IsControl(c) ? ' ' : c)]) : message;
}
