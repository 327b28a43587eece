using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Web.State;
using Microsoft.Playwright;

namespace Causerie.Tests;

/// <summary>Takes the pictures of the page: CAUSERIE_SCREENSHOTS names the folder that they go to.</summary>
[Collection(nameof(Chromium))]
public class Screens(Chromium chromium)
{
    private const string Lighthouse =
        """
        A lighthouse lens turns *one small lamp* into a beam that can be seen thirty kilometres away. A plain lens
        of that strength would weigh tons, so in 1823 **Augustin Fresnel** threw most of the glass away:

        1. Only the *surface* of a lens bends light; the thick middle merely carries it.
        2. So he kept the curved surface and cut it into rings, like a stair.
        3. At the very top and bottom the rings act as mirrors, and no light is lost to the sky.

        The bending itself is a one-liner, if you would like to draw it:

        ```python
        from math import asin, degrees, radians, sin

        def refract(angle, glass=1.52):
            # Snell's law: the angle inside the glass, in degrees
            return degrees(asin(sin(radians(angle)) / glass))
        ```

        > A first-order lens holds over a thousand prisms, and a person can stand inside it.
        """;

    [Fact]
    public async Task Are_taken_where_asked_for()
    {
        string? folder = Environment.GetEnvironmentVariable("CAUSERIE_SCREENSHOTS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "CAUSERIE_SCREENSHOTS names no folder for the pictures.");
        Directory.CreateDirectory(folder!);
        var model = new ScriptedModel(r => Words(r.Messages[^1].Text.Contains("lighthouse", StringComparison.Ordinal)
            ? Lighthouse : "Of course. What would you like to know?"))
        {
            Models = [new ModelCard("your-model", DateTimeOffset.UnixEpoch, "causerie") { Name = "Your model" }],
        };
        // The pictures are staged: they must not look like a measurement.
        model.TokensPerSecond = double.PositiveInfinity;
        await using var site = await Site.StartAsync(model);
        foreach (string title in (string[])[
            "Names for a small grey cat", "Réécrire une lettre au voisin", "Bread that needs no kneading",
            "Why the sky is dark at night", "A regex for French postcodes", "Packing list for Brittany in May",
            "What is a monad, really?", "A birthday poem for Anne"])
        {
            await site.Turns.Begin(title, ConversationSettings.Default).Turn.Completion;
        }

        var (lighthouse, turn) = site.Turns.Begin("Explain how a lighthouse lens works, simply", ConversationSettings.Default);
        await turn.Completion;

        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (bool phone in (bool[])[false, true])
            {
                string name = $"{(phone ? "phone" : "desktop")}-{scheme.ToString().ToLowerInvariant()}";
                await using var context = await chromium.NewAsync(new BrowserNewContextOptions
                {
                    Locale = "en-GB",
                    ColorScheme = scheme,
                    ViewportSize = phone ? Phone : Desktop,
                    DeviceScaleFactor = phone ? 2 : 1,
                    HasTouch = phone,
                    IsMobile = phone,
                });
                var page = await context.NewPageAsync();
                await page.GotoAsync($"{site.Url}/signin?wrong=1");
                await Shoot("signin");
                await page.GotoAsync(site.Url);
                await Shoot("new");
                await page.GotoAsync($"{site.Url}/c/{lighthouse.Id}");
                await page.EvaluateAsync("document.fonts.ready");
                await page.WaitForTimeoutAsync(150);
                await Shoot("end");
                await page.EvaluateAsync("document.getElementById('scroll').scrollTo(0, 0)");
                await Shoot("chat");
                await page.ClickAsync(".bar [popovertarget=settings]");
                await page.WaitForTimeoutAsync(350);
                await Shoot("settings");
                if (phone)
                {
                    await page.Keyboard.PressAsync("Escape");
                    await page.ClickAsync(".bar [popovertarget=sidebar]");
                    await page.WaitForTimeoutAsync(350);
                    await Shoot("list");
                }

                await Streaming(page, model, site, Shoot);
                model.Models = [];
                await page.GotoAsync(site.Url);
                await Shoot("no-model");
                site.Loading =
                [
                    new ModelLoad("your-model", 0.42, null) { Stage = ModelLoadStage.ArrangingWeights },
                    new ModelLoad("broken", null, "general.architecture 'mamba' is not one of llama, qwen2, qwen3, gemma3."),
                ];
                await page.GotoAsync(site.Url);
                await Shoot("loading");
                site.Loading = [];
                site.Suggestions =
                [
                    new ModelSuggestion("Llama 3.2 1B", "causerie pull bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", 808_000_000, 1_500_000_000, true, 28.4),
                    new ModelSuggestion("Qwen3 8B", "causerie pull bartowski/Qwen_Qwen3-8B-GGUF:Q4_K_M", 5_030_000_000, 5_700_000_000, false, null),
                ];
                model.Models = [new ModelCard("causerie-guide", DateTimeOffset.UnixEpoch, "causerie") { Name = "Causerie Guide", IsBuiltIn = true, Parameters = 5_475_584 }];
                await page.GotoAsync(site.Url);
                await Shoot("built-in");
                await page.ClickAsync(".welcome [popovertarget=settings]");
                await page.WaitForTimeoutAsync(350);
                await page.EvaluateAsync("document.querySelector('.suggested')?.scrollIntoView()");
                await Shoot("suggestions");
                site.Suggestions = [];
                model.Models = [new ModelCard("your-model", DateTimeOffset.UnixEpoch, "causerie") { Name = "Your model" }];

                Task Shoot(string what) =>
                    page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder!, $"{what}-{name}.png") });
            }
        }
    }

    private static async Task Streaming(IPage page, ScriptedModel model, Site site, Func<string, Task> shoot)
    {
        model.BeforePiece = (i, c) => Task.Delay(i < 70 ? 5 : -1, c);
        var (conversation, turn) = site.Turns.Begin("Tell me about a lighthouse lens", ConversationSettings.Default);
        await page.GotoAsync($"{site.Url}/c/{conversation.Id}");
        await page.WaitForTimeoutAsync(1200);
        await shoot("streaming");
        turn.Stop();
        await turn.Completion;
        await page.WaitForTimeoutAsync(300);
        await shoot("stopped");
        model.BeforePiece = (_, _) => Task.CompletedTask;
        model.Death = new ChatException(
            ChatErrorKind.ContextLengthExceeded, "The prompt has 9,120 tokens; the model's context holds 8,192.");
        await site.Turns.AnswerAgain(conversation.Id, turn.Message).Completion;
        await page.WaitForTimeoutAsync(300);
        await shoot("failed");
        model.Death = null;
        await site.Turns.DeleteAsync(conversation.Id);
    }

    private static ViewportSize Phone => new() { Width = 390, Height = 844 };

    private static ViewportSize Desktop => new() { Width = 1280, Height = 800 };

    private static IEnumerable<string> Words(string text) => text.Split(' ').Select((w, i) => i == 0 ? w : " " + w);
}
