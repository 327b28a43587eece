using Microsoft.Playwright;

namespace Causerie.Tests;

/// <summary>One headless Chromium for all tests of the page; they skip, saying so, where it is not installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;

    private IBrowser? _browser;

    internal static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args = Flags,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
    }

    /// <summary>A browser that nobody has used, or a skipped test.</summary>
    public async Task<IBrowserContext> NewAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, $"Chromium is not installed ({Executable}): apt-get install chromium");
        var context = await _browser!.NewContextAsync(options ?? new BrowserNewContextOptions { Locale = "en-GB" });
        context.SetDefaultTimeout(40_000);
        return context;
    }
}
