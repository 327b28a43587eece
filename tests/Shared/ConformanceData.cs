using System.Runtime.CompilerServices;

namespace Causerie.Tests;

/// <summary>Finds the conformance data beside the checkout; a test that needs it skips, saying so, without it.</summary>
internal static class ConformanceData
{
    /// <summary>The folder, or null where it is absent. CAUSERIE_CONFORMANCE names another place.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Full path of a file or folder there; skips the calling test where the data is absent.</summary>
    public static string Require(string relative)
    {
        Assert.SkipWhen(Root is null, "The conformance data (../shared/conformance) is not beside this checkout.");
        return Path.Combine(Root!, relative);
    }

    private static string? Find([CallerFilePath] string here = "")
    {
        if (Environment.GetEnvironmentVariable("CAUSERIE_CONFORMANCE") is { Length: > 0 } named)
            return named;
        var checkout = Directory.GetParent(here)?.Parent?.Parent?.Parent;
        string? path = checkout is null ? null : Path.Combine(checkout.FullName, "shared", "conformance");
        return Directory.Exists(path) ? path : null;
    }
}
