using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Causerie.Conformance.OpenAi;

/// <summary>Runs the scripts in <c>npm</c>, which drive clients for JavaScript.</summary>
internal static class NpmClient
{
    /// <summary>What the scenario saw, as JSON; skips the calling test where node or the package is absent.</summary>
    public static async Task<JsonElement> RunAsync(Uri server, string scenario, string key = "unused", string script = "chat.mjs")
    {
        Require();
        var start = new ProcessStartInfo("node")
        {
            ArgumentList = { script, new Uri(server, "/v1").ToString(), key, scenario },
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }

    private static void Require()
    {
        string? missing = !Directory.Exists(Path.Combine(Folder(), "node_modules", "openai"))
            ? "The openai package is not installed: run 'npm ci --ignore-scripts' in tests/Conformance/npm."
            : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node")))
                ? "node is not installed."
                : null;
        if (Environment.GetEnvironmentVariable("CAUSERIE_REQUIRE_CLIENTS") == "1")
            Assert.True(missing is null, missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(here))!, "npm");
}
