using System.CommandLine;
using Causerie.Host.Models;

namespace Causerie.Host.Commands;

/// <summary><c>--data DIR</c>: the folder that holds models and conversations.</summary>
public sealed class DataOption : Option<string?>
{
    /// <summary>Declares the option.</summary>
    public DataOption()
        : base("--data")
    {
        Description = "The data folder; else CAUSERIE_HOME, else the platform's usual place";
        HelpName = "DIR";
    }

    /// <summary>The folder that the command line and the environment mean.</summary>
    public string Folder(ParseResult arguments, Terminal terminal) =>
        DataFolder.Locate(arguments.GetValue(this), terminal.Variable);
}
