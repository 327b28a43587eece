using Microsoft.Playwright;

namespace Causerie.Tests;

/// <summary>A person at a browser; notices whatever the page does that it should not.</summary>
internal sealed class Reader : IAsyncDisposable
{
    private readonly List<string> _wrongs = [];

    private Reader(IBrowserContext context, Site site)
    {
        Context = context;
        Site = site;
    }

    public IBrowserContext Context { get; }

    public Site Site { get; }

    public IPage Page { get; private set; } = null!;

    /// <summary>Lost connections are no wrong while the test itself stops the server.</summary>
    public bool ServerMayBeGone { get; set; }

    public ILocator Text => Page.Locator("#text");

    public ILocator Answers => Page.Locator(".message.assistant");

    public ILocator Prose => Page.Locator(".message.assistant .prose").Last;

    public static async Task<Reader> AtAsync(
        Site site, Chromium chromium, string path = "/", BrowserNewContextOptions? options = null)
    {
        var reader = new Reader(await chromium.NewAsync(options), site);
        await reader.OpenAsync(path);
        return reader;
    }

    /// <summary>Opens another tab, which becomes the one in use.</summary>
    public async Task OpenAsync(string path)
    {
        Page = await Context.NewPageAsync();
        Page.Dialog += (_, dialog) =>
        {
            if (dialog.Type != "beforeunload")
                _wrongs.Add($"a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" && !(ServerMayBeGone && message.Text.Contains("net::", StringComparison.Ordinal))
                && !message.Text.Contains("404", StringComparison.Ordinal) && !message.Text.Contains("409", StringComparison.Ordinal))
                _wrongs.Add($"an error: {message.Text}");
        };
        Page.PageError += (_, error) => _wrongs.Add($"a script failed: {error}");
        Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Site.Url, StringComparison.Ordinal))
                _wrongs.Add($"a request to {request.Url}");
        };
        await GoAsync(path);
    }

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(Site.Url + path);
        await StartedAsync();
    }

    public Task StartedAsync() => Assertions.Expect(Page.Locator("body[data-started]")).ToHaveCountAsync(1);

    public async Task SayAsync(string text)
    {
        await Text.FillAsync(text);
        await Text.PressAsync("Enter");
    }

    public async Task ReloadAsync()
    {
        await Page.ReloadAsync();
        await StartedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Context.CloseAsync();
        Assert.Empty(_wrongs);
    }
}
