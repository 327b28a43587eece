namespace Causerie.Host.Models;

/// <summary>Where causerie keeps models and conversations: CAUSERIE_HOME, or the platform's usual place.</summary>
public static class DataFolder
{
    /// <summary>The folder for this process.</summary>
    /// <param name="chosen">A folder given on the command line; it wins.</param>
    /// <param name="variable">Looks up an environment variable.</param>
    public static string Locate(string? chosen, Func<string, string?> variable) =>
        Locate(chosen, variable, OperatingSystem.IsWindows(), OperatingSystem.IsMacOS());

    /// <summary>The models inside a data folder.</summary>
    public static string Models(string dataFolder) => Path.Combine(dataFolder, "models");

    /// <summary>The arranged weights that a data folder keeps for the next start.</summary>
    public static string Weights(string dataFolder) => Path.Combine(dataFolder, "weights");

    /// <summary>The receipts of answers.</summary>
    public static string Receipts(string dataFolder) => Path.Combine(dataFolder, "receipts");

    /// <summary>What the API keeps for its callers.</summary>
    public static string Objects(string dataFolder) => Path.Combine(dataFolder, "objects.db");

    /// <summary>The files that the API's callers send, and those that batches write.</summary>
    public static string Files(string dataFolder) => Path.Combine(dataFolder, "files");

    /// <summary>What batches have answered so far.</summary>
    public static string Batches(string dataFolder) => Path.Combine(dataFolder, "batches");

    /// <summary>The rule itself, for any platform.</summary>
    internal static string Locate(string? chosen, Func<string, string?> variable, bool windows, bool mac)
    {
        if (!string.IsNullOrEmpty(chosen))
            return Path.GetFullPath(chosen);
        if (variable("CAUSERIE_HOME") is { Length: > 0 } home)
            return Path.GetFullPath(home);
        if (windows)
        {
            return Path.Combine(
                variable("LOCALAPPDATA")
                    ?? throw new IOException("LOCALAPPDATA is not set; name a folder with --data or CAUSERIE_HOME."),
                "Causerie");
        }

        // The XDG specification says that a relative path is to be ignored.
        if (!mac && variable("XDG_DATA_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
            return Path.Combine(xdg, "causerie");
        string user = variable("HOME")
            ?? throw new IOException("HOME is not set; name a folder with --data or CAUSERIE_HOME.");
        return mac
            ? Path.Combine(user, "Library", "Application Support", "Causerie")
            : Path.Combine(user, ".local", "share", "causerie");
    }
}
