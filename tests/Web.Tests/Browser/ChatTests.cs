using System.Text.RegularExpressions;
using Causerie.Chat;
using Causerie.Conversations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Causerie.Tests;

[CollectionDefinition(nameof(Chromium))]
public class ChromiumCollection : ICollectionFixture<Chromium>;

[Collection(nameof(Chromium))]
public partial class ChatTests(Chromium chromium)
{
    [Fact]
    public async Task A_person_asks_and_sees_the_answer_come()
    {
        var model = new ScriptedModel(r => ["You said ", $"**{r.Messages[^1].Text.Length}** ", "letters."])
        {
            TokensPerSecond = 25,
        };
        var gate = model.HoldAt(2);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await Expect(reader.Text).ToBeFocusedAsync();
        await reader.Text.FillAsync("one");
        await reader.Text.PressAsync("Shift+Enter");
        await reader.Page.Keyboard.TypeAsync("two");
        await Expect(reader.Text).ToHaveValueAsync("one\ntwo");
        await reader.Text.PressAsync("Enter");

        await Expect(reader.Page).ToHaveURLAsync(ConversationUrl());
        await Expect(reader.Prose).ToHaveTextAsync("You said 7");
        await Expect(reader.Prose.Locator("strong")).ToHaveTextAsync("7");
        await Expect(reader.Page.Locator("button.stop")).ToBeVisibleAsync();
        await Expect(reader.Page.Locator(".list .pulse")).ToHaveCountAsync(1);
        await Expect(reader.Page.Locator(".note.live")).ToContainTextAsync("tokens/s");
        gate.SetResult();
        await Expect(reader.Prose).ToHaveTextAsync("You said 7 letters.");
        await Expect(reader.Page.Locator("button.stop")).ToBeHiddenAsync();
        await Expect(reader.Page.Locator(".assistant .tools .note")).ToHaveTextAsync("scripted · 3 tokens · 25.0 tokens/s");
        await Expect(reader.Page.Locator(".list li.here a")).ToHaveTextAsync("one");
        await Expect(reader.Page.Locator("#say")).ToHaveTextAsync("The answer is complete.");
        await Expect(reader.Page).ToHaveTitleAsync("one · Causerie");
    }

    [Fact]
    public async Task A_reload_in_the_middle_of_an_answer_loses_nothing()
    {
        var model = new ScriptedModel(_ => ["First. ", "Second. ", "\n\n```\ncode ", "Third."]);
        var gate = model.HoldAt(3);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Go");
        await Expect(reader.Prose).ToContainTextAsync("First. Second.");
        await Expect(reader.Prose.Locator("pre")).ToHaveTextAsync("code ");
        await reader.ReloadAsync();
        await Expect(reader.Prose).ToContainTextAsync("First. Second.");
        await Expect(reader.Prose.Locator("pre")).ToHaveTextAsync("code ");
        gate.SetResult();
        await Expect(reader.Prose.Locator("pre")).ToHaveTextAsync("code Third.\n");
        await reader.ReloadAsync();
        await Expect(reader.Prose.Locator("pre")).ToHaveTextAsync("code Third.\n");
    }

    [Fact]
    public async Task An_answer_goes_on_when_the_tab_closes()
    {
        var model = new ScriptedModel(_ => ["All ", "of ", "it."]);
        var gate = model.HoldAt(1);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Go");
        await Expect(reader.Prose).ToHaveTextAsync("All");
        string path = new Uri(reader.Page.Url).AbsolutePath;
        var turn = site.Turns.Running(path.Split('/')[^1])!;
        await reader.Page.CloseAsync();
        gate.SetResult();
        await turn.Completion.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await reader.OpenAsync("/");
        await reader.Page.Locator(".list a").First.ClickAsync();
        await Expect(reader.Prose).ToHaveTextAsync("All of it.");
    }

    [Fact]
    public async Task A_restart_keeps_what_was_written_and_offers_to_go_on()
    {
        var model = new ScriptedModel(r => r.Messages.Length == 1 ? ["Half ", "never"] : ["and half."]);
        model.HoldAt(1);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Go");
        await Expect(reader.Prose).ToHaveTextAsync("Half");
        await reader.Text.FillAsync("a draft");

        reader.ServerMayBeGone = true;
        await site.StopAsync();
        await Expect(reader.Page.Locator("#toast")).ToHaveTextAsync("Causerie cannot be reached. Trying again…");
        model.BeforePiece = (_, _) => Task.CompletedTask;
        await site.StartAsync();

        // The page comes back by itself.
        await Expect(reader.Page.Locator(".remark")).ToContainTextAsync("interrupted");
        await Expect(reader.Text).ToHaveValueAsync("a draft");
        await reader.Page.Locator("[data-do=go-on]").ClickAsync();
        await Expect(reader.Prose).ToHaveTextAsync("Half and half.");
        await Expect(reader.Page.Locator(".remark")).ToHaveCountAsync(0);
        await reader.ReloadAsync();
        await Expect(reader.Text).ToHaveValueAsync("a draft");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_can_be_stopped(bool byKey)
    {
        var model = new ScriptedModel(_ => ["Some ", "never"]);
        model.HoldAt(1);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Go");
        await Expect(reader.Prose).ToHaveTextAsync("Some");
        if (byKey)
            await reader.Page.Keyboard.PressAsync("Escape");
        else
            await reader.Page.Locator("button.stop").ClickAsync();
        await Expect(reader.Page.Locator(".remark")).ToContainTextAsync("You stopped this answer.");
        await Expect(reader.Prose).ToHaveTextAsync("Some");
        await Expect(reader.Page.Locator("button.send")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_answer_has_versions_and_a_question_can_be_reworded()
    {
        int n = 0;
        await using var site = await Site.StartAsync(new ScriptedModel(_ => [$"Answer {++n}"]));
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Which?");
        await Expect(reader.Prose).ToHaveTextAsync("Answer 1");
        await reader.Page.Locator(".assistant .tools [data-do=again]").ClickAsync();
        await Expect(reader.Prose).ToHaveTextAsync("Answer 2");
        var versions = reader.Page.Locator(".assistant .versions");
        await Expect(versions).ToContainTextAsync("2/2");
        await versions.GetByLabel("Previous version").ClickAsync();
        await Expect(reader.Prose).ToHaveTextAsync("Answer 1");
        await Expect(versions).ToContainTextAsync("1/2");

        await reader.Page.Locator(".user .bubble").HoverAsync();
        await reader.Page.Locator(".user [data-do=edit]").ClickAsync();
        var edit = reader.Page.Locator(".edit textarea");
        await Expect(edit).ToHaveValueAsync("Which?");
        await edit.FillAsync("Which one?");
        await edit.PressAsync("Enter");
        await Expect(reader.Prose).ToHaveTextAsync("Answer 3");
        await Expect(reader.Page.Locator(".bubble")).ToHaveTextAsync("Which one?");
        await reader.Page.Locator(".user").GetByLabel("Previous version").ClickAsync();
        await Expect(reader.Page.Locator(".bubble")).ToHaveTextAsync("Which?");
        await Expect(reader.Answers).ToHaveCountAsync(1);
        await Expect(reader.Prose).ToHaveTextAsync("Answer 2");
    }

    [Fact]
    public async Task Two_tabs_show_the_same()
    {
        var model = new ScriptedModel(_ => ["a ", "b ", "c"]);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("One");
        await Expect(reader.Prose).ToHaveTextAsync("a b c");
        var first = reader.Page;
        await reader.OpenAsync(new Uri(first.Url).AbsolutePath);
        var gate = model.HoldAt(2);
        await reader.SayAsync("Two");
        foreach (var tab in (IPage[])[reader.Page, first])
            await Expect(tab.Locator(".assistant .prose").Nth(1)).ToHaveTextAsync("a b");
        gate.SetResult();
        foreach (var tab in (IPage[])[reader.Page, first])
        {
            await Expect(tab.Locator(".assistant .prose").Nth(1)).ToHaveTextAsync("a b c");
            await Expect(tab.Locator("button.send")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task The_page_does_not_pull_a_reader_down()
    {
        var model = new ScriptedModel(_ => Enumerable.Range(0, 61).Select(i => $"Paragraph {i}.\n\n"));
        var gate = model.HoldAt(60);
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Long");
        await Expect(reader.Prose).ToContainTextAsync("Paragraph 59.");
        await Expect(reader.Page.GetByText("Paragraph 59.")).ToBeInViewportAsync();
        await reader.Page.Locator("#scroll").HoverAsync();
        await reader.Page.Mouse.WheelAsync(0, -800);
        await Expect(reader.Page.GetByText("Paragraph 59.")).Not.ToBeInViewportAsync();
        double before = await Top();
        gate.SetResult();
        await Expect(reader.Prose).ToContainTextAsync("Paragraph 60.");
        await Expect(reader.Page.Locator("button.send")).ToBeVisibleAsync();
        Assert.Equal(before, await Top());
        await reader.Page.Locator("#to-end").ClickAsync();
        await Expect(reader.Page.GetByText("Paragraph 60.")).ToBeInViewportAsync();

        Task<double> Top() => reader.Page.EvaluateAsync<double>("document.getElementById('scroll').scrollTop");
    }

    [Fact]
    public async Task A_failure_is_told_and_can_be_tried_again()
    {
        var model = new ScriptedModel(_ => ["Now."])
        {
            Death = new ChatException(ChatErrorKind.ContextLengthExceeded, "The prompt has <9> tokens."),
        };
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("Go");
        await Expect(reader.Page.Locator(".remark")).ToContainTextAsync("grown too long");
        await Expect(reader.Page.Locator(".remark .detail")).ToHaveTextAsync("The prompt has <9> tokens.");
        model.Death = null;
        await reader.Page.Locator(".remark [data-do=again]").ClickAsync();
        await Expect(reader.Page.Locator(".remark")).ToHaveCountAsync(0);
        await Expect(reader.Prose).ToHaveTextAsync("Now.");
    }

    [Fact]
    public async Task Hostile_answers_run_nothing_ask_nothing_and_leave_the_page_whole()
    {
        var model = new ScriptedModel(_ => Hostile.Payloads.Select(p => p + "\n\n"));
        await using var site = await Site.StartAsync(model);
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.SayAsync("<img src=x onerror=alert(1)><script>alert(2)</script>");
        await Expect(reader.Page.Locator("button.send")).ToBeVisibleAsync();
        await Expect(reader.Page.Locator(".assistant .tools")).ToBeVisibleAsync();
        await reader.ReloadAsync();
        await Expect(reader.Page.Locator(".bubble")).ToHaveTextAsync("<img src=x onerror=alert(1)><script>alert(2)</script>");
        // Each alone as well: together they are one broken document.
        foreach (var turn in Hostile.Payloads.Chunk(10).Select(chunk =>
        {
            model.Script = _ => chunk.Select(p => "- x\n\n" + p + "\n\n----\n\n");
            return site.Turns.Begin(chunk[0], ConversationSettings.Default);
        }).ToArray())
        {
            await turn.Turn.Completion;
            await reader.GoAsync($"/c/{turn.Conversation.Id}");
            Assert.Equal(0, await reader.Page.EvaluateAsync<int>(
                "document.querySelectorAll('.prose :is(script, img, iframe, svg, style, form, input, object, link, meta)').length"));
            foreach (var link in await reader.Page.Locator(".prose a").AllAsync())
                Assert.Matches("^(https?://|mailto:)", await link.GetAttributeAsync("href"));
        }

        await reader.SayAsync("still here");
        await Expect(reader.Page.Locator(".bubble").Last).ToHaveTextAsync("still here");
    }

    [Fact]
    public async Task Code_is_copied_as_it_was_written()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["```js\nif (a < b) \"&\";\n```"]));
        await using var reader = await Reader.AtAsync(site, chromium);
        await reader.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await reader.SayAsync("Code");
        await reader.Page.Locator("[data-do=copy-code]").ClickAsync();
        await Expect(reader.Page.Locator("[data-do=copy-code]")).ToHaveTextAsync("Copied");
        Assert.Equal("if (a < b) \"&\";\n", await reader.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await reader.Page.Locator(".assistant [data-do=copy]").ClickAsync();
        await Expect(reader.Page.Locator(".assistant .tools .done")).ToHaveTextAsync("Copied");
        Assert.Equal("```js\nif (a < b) \"&\";\n```", await reader.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [GeneratedRegex("/c/[0-9a-f]{32}$")]
    private static partial Regex ConversationUrl();
}
