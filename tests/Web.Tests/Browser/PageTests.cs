using System.Text;
using Causerie.Conversations;
using Causerie.Web.State;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Causerie.Tests;

[Collection(nameof(Chromium))]
public class PageTests(Chromium chromium)
{
    [Fact]
    public async Task Speaks_French_to_who_reads_French_and_can_be_switched()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["Bien."]));
        await using var reader = await Reader.AtAsync(
            site, chromium, options: new BrowserNewContextOptions { Locale = "fr-CA" });
        await Expect(reader.Page.Locator("html")).ToHaveAttributeAsync("lang", "fr");
        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("De quoi parlons-nous\u202f?");
        await Expect(reader.Text).ToHaveAttributeAsync("placeholder", "Écrivez un message…");
        await reader.Text.FillAsync("un brouillon");
        await reader.Page.GetByRole(AriaRole.Button, new() { Name = "Réglages" }).ClickAsync();
        await reader.Page.Locator("#language").SelectOptionAsync("en");
        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("What’s on your mind?");
        await Expect(reader.Text).ToHaveValueAsync("un brouillon");
    }

    [Fact]
    public async Task Without_a_model_it_tells_how_to_get_one_and_takes_a_path()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["Hello."]) { Models = [] });
        site.Loading = [new ModelLoad("half", 0.5, null), new ModelLoad("bad", null, "tensor_count is too large")];
        await using var reader = await Reader.AtAsync(site, chromium);
        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("There is no model here yet");
        await Expect(reader.Page.Locator("main")).ToContainTextAsync("causerie pull NAME");
        await Expect(reader.Page.Locator("main")).ToContainTextAsync("/home/you/.local/share/causerie/models");
        await Expect(reader.Page.Locator(".loading-list")).ToContainTextAsync("Loading half… 50 %");
        await Expect(reader.Page.Locator(".loading.broken")).ToContainTextAsync("tensor_count is too large");
        await reader.Page.FillAsync("#path", "/models/wrong.txt");
        await reader.Page.Locator("#load-path button").ClickAsync();
        await Expect(reader.Page.Locator("#toast")).ToContainTextAsync("There is no model file '/models/wrong.txt'.");
        await reader.Page.FillAsync("#path", " /models/tiny.gguf ");
        await reader.Page.Locator("#load-path button").ClickAsync();
        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("What’s on your mind?");
        Assert.Equal(["/models/tiny.gguf"], site.Shelved);
        await reader.StartedAsync();
        await reader.SayAsync("Hi");
        await Expect(reader.Prose).ToHaveTextAsync("Hello.");
    }

    [Theory]
    [InlineData("en-GB", "Loading big… 20 % · arranging the weights", "Loading big… 70 % · preparing the vocabulary")]
    [InlineData(
        "fr-FR", "Chargement de big… 20 % · mise en ordre des poids",
        "Chargement de big… 70 % · préparation du vocabulaire")]
    public async Task A_load_goes_on_in_place_and_says_what_is_done(string locale, string before, string after)
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []) { Models = [] });
        var load = new ModelLoad("big", 0.2, null) { Stage = ModelLoadStage.ArrangingWeights };
        site.Loading = [load];
        await using var context = await chromium.NewAsync(new BrowserNewContextOptions { Locale = locale });
        var page = await context.NewPageAsync();
        await page.GotoAsync(site.Url);
        await Expect(page.Locator(".loading-list")).ToContainTextAsync(before);
        await page.EvaluateAsync("document.querySelector('.loading progress').dataset.same = 'yes'");
        site.Loading = [load with { Fraction = 0.7, Stage = ModelLoadStage.PreparingVocabulary }];
        await Expect(page.Locator(".loading-list")).ToContainTextAsync(after);
        await Expect(page.Locator(".loading progress[data-same]")).ToHaveAttributeAsync("value", "0.700");
        site.Loading = [load with { Fraction = null, Error = "The disk is gone." }];
        await Expect(page.Locator(".loading.broken")).ToContainTextAsync("The disk is gone.");
        site.Loading = [];
        await Expect(page.Locator(".loading")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_model_it_takes_a_file(bool dropped)
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []) { Models = [] });
        await using var reader = await Reader.AtAsync(site, chromium);
        const string Drop =
            """
            name => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(300000)], name));
              document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """;
        await reader.Page.EvaluateAsync(Drop, "notes.txt");
        await Expect(reader.Page.Locator("#toast")).ToContainTextAsync("not a GGUF file");
        if (dropped)
        {
            await reader.Page.EvaluateAsync(Drop, "tiny é.gguf");
        }
        else
        {
            await reader.Page.SetInputFilesAsync("#file", new FilePayload
            {
                Name = "tiny é.gguf",
                MimeType = "application/octet-stream",
                Buffer = Encoding.UTF8.GetBytes(new string('x', 300000)),
            });
        }

        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("What’s on your mind?");
        Assert.Equal([("tiny é.gguf", 300000L)], site.Sent);
    }

    [Fact]
    public async Task The_list_is_searched_renamed_and_pruned()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["Une réponse sur l’océan."]));
        foreach (string title in (string[])["Alpha", "Beta", "Gamma"])
            await site.Turns.Begin(title, ConversationSettings.Default).Turn.Completion;
        await using var reader = await Reader.AtAsync(site, chromium);
        var lines = reader.Page.Locator(".list li");
        await Expect(lines).ToHaveCountAsync(3);
        await reader.Page.FillAsync("#search", "bet");
        await Expect(lines).ToHaveCountAsync(1);
        await reader.Page.FillAsync("#search", "ocean");
        await Expect(lines).ToHaveCountAsync(3);
        await reader.Page.FillAsync("#search", "nowhere");
        await Expect(reader.Page.Locator(".list")).ToContainTextAsync("Nothing found.");
        await reader.Page.FillAsync("#search", "");
        await Expect(lines).ToHaveCountAsync(3);

        await lines.Filter(new() { HasText = "Beta" }).HoverAsync();
        await reader.Page.GetByLabel("Rename: Beta").ClickAsync();
        await reader.Page.Locator(".list input").FillAsync("<b>Bêta</b>");
        await reader.Page.Locator(".list input").PressAsync("Enter");
        await Expect(reader.Page.Locator(".list")).ToContainTextAsync("<b>Bêta</b>");

        await lines.Filter(new() { HasText = "Alpha" }).ClickAsync();
        await reader.StartedAsync();
        await lines.Filter(new() { HasText = "Alpha" }).HoverAsync();
        await reader.Page.GetByLabel("Delete: Alpha").ClickAsync();
        await Expect(reader.Page.Locator("#ask-delete")).ToContainTextAsync("Alpha");
        await reader.Page.Keyboard.PressAsync("Enter");
        await Expect(lines).ToHaveCountAsync(3);
        await reader.Page.GetByLabel("Delete: Alpha").ClickAsync();
        await reader.Page.Locator("#ask-delete .danger").ClickAsync();
        await Expect(reader.Page.Locator("h1")).ToHaveTextAsync("What’s on your mind?");
        await Expect(lines).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Settings_hold_for_the_conversation()
    {
        var model = new ScriptedModel(_ => ["Yes."]);
        model.Models = [.. model.Models, new("other", DateTimeOffset.UnixEpoch, "causerie")];
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.Page.Locator("#model").SelectOptionAsync("other");
        await reader.Page.GetByRole(AriaRole.Button, new() { Name = "Settings" }).ClickAsync();
        await reader.Page.FillAsync("#system", "Be brief.");
        await reader.Page.FillAsync("#temperature", "0.3");
        await Expect(reader.Page.Locator("#temperature-value")).ToHaveTextAsync("0.3");
        await reader.Page.Keyboard.PressAsync("Escape");
        await reader.SayAsync("First");
        await Expect(reader.Prose).ToHaveTextAsync("Yes.");
        var asked = model.Asked.Last();
        Assert.Equal(("other", "Be brief.", 0.3), (asked.Model, asked.Messages[0].Text, asked.Sampling.Temperature));

        await reader.Page.Locator("#model").SelectOptionAsync("scripted");
        await reader.Page.GetByRole(AriaRole.Button, new() { Name = "Settings" }).ClickAsync();
        await Expect(reader.Page.Locator("#system")).ToHaveValueAsync("Be brief.");
        await reader.Page.RunAndWaitForResponseAsync(
            () => reader.Page.Locator("[data-do=own-temperature]").ClickAsync(), r => r.Url.EndsWith("/settings", StringComparison.Ordinal));
        await reader.Page.Keyboard.PressAsync("Escape");
        await reader.ReloadAsync();
        await Expect(reader.Page.Locator("#model")).ToHaveValueAsync("scripted");
        await reader.SayAsync("Second");
        await Expect(reader.Answers).ToHaveCountAsync(2);
        await Expect(reader.Prose).ToHaveTextAsync("Yes.");
        asked = model.Asked.Last();
        Assert.Equal("scripted", asked.Model);
        Assert.Null(asked.Sampling.Temperature);
    }

    [Fact]
    public async Task Fits_a_phone()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ =>
            ["| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n| long words here | long words here | long words here | long words here | x | y |\n\n",
             "```\n" + new string('x', 300) + "\n```\n\n", new string('y', 300)]));
        await using var reader = await Reader.AtAsync(site, chromium, options: new BrowserNewContextOptions
        {
            Locale = "en-GB",
            ViewportSize = new ViewportSize { Width = 360, Height = 640 },
            HasTouch = true,
            IsMobile = true,
        });
        await reader.SayAsync(new string('z', 300));
        await Expect(reader.Page.Locator(".assistant .tools")).ToBeVisibleAsync();
        Assert.Equal(360, await reader.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(await reader.Page.EvaluateAsync<bool>("(b => b.scrollWidth <= b.clientWidth)(document.getElementById('scroll'))"));
        await Expect(reader.Page.Locator("#sidebar")).ToBeHiddenAsync();
        await reader.Page.GetByRole(AriaRole.Button, new() { Name = "Conversations" }).TapAsync();
        await Expect(reader.Page.Locator("#sidebar")).ToBeVisibleAsync();
        await reader.Page.Keyboard.PressAsync("Escape");
        await Expect(reader.Page.Locator("#sidebar")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Everything_that_can_be_pressed_has_a_name()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["```\nx\n```"]));
        var (conversation, turn) = site.Turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        await using var reader = await Reader.AtAsync(site, chromium, $"/c/{conversation.Id}");
        string nameless = await reader.Page.EvaluateAsync<string>(
            """
            () => [...document.querySelectorAll("button, a, input, select, textarea")]
              .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
              .map(e => e.outerHTML).join("\n")
            """);
        Assert.Equal("", nameless);
        Assert.Equal("", await reader.Page.EvaluateAsync<string>(
            "() => [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i).join()"));
    }
}
