using System.CommandLine;
using Causerie.Host.Models;

namespace Causerie.Host.Commands.Loading;

/// <summary><c>--weights-cache FOLDER</c>: where arranged weights are kept for the next start, or <c>off</c>.</summary>
internal sealed class WeightsOption : Option<string?>
{
    /// <summary>The environment variable that says the same.</summary>
    public const string Variable = "CAUSERIE_CACHE";

    private const string Off = "off";

    /// <summary>Declares the option.</summary>
    public WeightsOption()
        : base("--weights-cache")
    {
        Description = "Where arranged weights are kept for the next start, as large as the models; 'off' keeps none; "
            + $"else {Variable}, else 'weights' in the data folder";
        HelpName = "FOLDER";
    }

    /// <summary>The folder that the command line and the environment mean; null keeps no weights.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="data">The command's option of the data folder.</param>
    /// <param name="terminal">Told if there is no place for them.</param>
    public string? Folder(ParseResult arguments, DataOption data, Terminal terminal)
    {
        try
        {
            return Locate(arguments.GetValue(this), () => data.Folder(arguments, terminal), terminal.Variable);
        }
        catch (IOException e)
        {
            // A model that is named by its path needs no data folder.
            terminal.Error.WriteLine($"Arranged weights are not kept for the next start: {e.Message}");
            return null;
        }
    }

    /// <summary>The same for commands that load no model and show what is kept.</summary>
    public static string? Shown(ParseResult arguments, DataOption data, Terminal terminal)
    {
        try
        {
            return Locate(null, () => data.Folder(arguments, terminal), terminal.Variable);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? Locate(string? chosen, Func<string> data, Func<string, string?> variable)
    {
        chosen ??= variable(Variable);
        return string.IsNullOrEmpty(chosen) ? DataFolder.Weights(data())
            : chosen == Off ? null
            : Path.GetFullPath(chosen);
    }
}
