using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Web.State;
using AngleSharp.Html.Parser;

namespace Causerie.Tests;

/// <summary>The page as a program sees it: headers, statuses, languages, and the stream of events.</summary>
public class EndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_has_a_strict_policy_and_no_inline_script_or_style()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["x"]));
        var (conversation, turn) = site.Turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        using var client = site.Client();
        foreach (string path in (string[])["/", $"/c/{conversation.Id}", "/c/none", $"/page/c/{conversation.Id}/thread", "/page/list", "/signin"])
        {
            using var response = await client.GetAsync(path, Cancel);
            Assert.Equal(path == "/c/none" ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
            var document = new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync(Cancel));
            foreach (var element in document.QuerySelectorAll("*"))
            {
                Assert.DoesNotContain(element.Attributes, a => a.Name.StartsWith("on", StringComparison.Ordinal) || a.Name == "style");
                Assert.NotEqual("style", element.LocalName);
                if (element.LocalName == "script")
                    Assert.Equal("", element.TextContent);
                foreach (string? address in (string?[])[element.GetAttribute("src"), element.GetAttribute("href"), element.GetAttribute("action")])
                    Assert.True(address is null || address is "#text" || (address.StartsWith('/') && !address.StartsWith("//", StringComparison.Ordinal)), address);
            }
        }
    }

    [Theory]
    [InlineData("en", "about 12.5 tokens/s", "too large: it wants 5.7 GB of memory", "a small model that ships with Causerie (5.5 million")]
    [InlineData("fr", "environ 12,5 jetons/s", "trop grand : il lui faut 5,7 Go de mémoire", "un petit modèle livré avec Causerie (5,5 millions")]
    public async Task The_built_in_model_says_what_it_is_and_what_bigger_ones_would_do_here(
        string language, string fits, string tooLarge, string what)
    {
        var model = new ScriptedModel(_ => ["x"])
        {
            Models = [new ModelCard("causerie-guide", DateTimeOffset.UnixEpoch, "causerie") { IsBuiltIn = true, Parameters = 5_475_584 }],
        };
        await using var site = await Site.StartAsync(model);
        site.Suggestions =
        [
            new ModelSuggestion("Small", "causerie pull owner/small", 800_000_000, 1_500_000_000, true, 12.5),
            new ModelSuggestion("Large", "causerie pull owner/large", 5_000_000_000, 5_700_000_000, false, null),
        ];
        using var client = site.Client();
        client.DefaultRequestHeaders.Add("Accept-Language", language);
        string page = (await client.GetStringAsync("/", Cancel)).Replace("&#xE8;", "è", StringComparison.Ordinal);
        string text = new HtmlParser().ParseDocument(page).Body!.TextContent;
        foreach (string said in (string[])[fits, tooLarge, what, "causerie pull owner/small", "causerie pull owner/large"])
            Assert.Contains(said, text, StringComparison.Ordinal);

        // One that only gives vectors is none to chat with.
        model.Models = [new ModelCard("vectors", DateTimeOffset.UnixEpoch, "causerie") { Chats = false }, .. model.Models];
        string still = new HtmlParser().ParseDocument(await client.GetStringAsync("/", Cancel)).Body!.TextContent;
        Assert.Contains("causerie pull owner/small", still, StringComparison.Ordinal);
        Assert.DoesNotContain("vectors", still, StringComparison.Ordinal);

        model.Models = [new ModelCard("other", DateTimeOffset.UnixEpoch, "causerie"), .. model.Models];
        Assert.DoesNotContain(what, new HtmlParser().ParseDocument(await client.GetStringAsync("/", Cancel)).Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assets_are_kept_for_ever_and_an_old_address_is_gone()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        string page = await client.GetStringAsync("/", Cancel);
        var document = new HtmlParser().ParseDocument(page);
        var addresses = document.QuerySelectorAll("link, script").Select(e => e.GetAttribute("href") ?? e.GetAttribute("src")!).ToArray();
        Assert.True(addresses.Length >= 6);
        foreach (string address in addresses)
        {
            using var response = await client.GetAsync(address, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("immutable", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            string type = response.Content.Headers.ContentType!.MediaType!;
            Assert.Equal(address[address.LastIndexOf('.')..] switch
            {
                ".js" => "text/javascript",
                ".css" => "text/css",
                ".svg" => "image/svg+xml",
                _ => "font/woff2",
            }, type);
        }

        foreach (string wrong in (string[])["/assets/000000000000/page.js", addresses[0] + "x", "/assets/000000000000/../page.js"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(wrong, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData(null, "en")]
    [InlineData("de", "en")]
    [InlineData("fr", "fr")]
    [InlineData("de, fr-CH;q=0.8, en;q=0.5", "fr")]
    [InlineData("fr;q=0.1, en-US;q=0.9", "en")]
    [InlineData("fr;q=0, en;q=0.1", "en")]
    [InlineData(";;;,,,q=", "en")]
    public async Task Speaks_the_language_that_the_browser_asks_for(string? accept, string language)
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", accept);
        using var response = await client.SendAsync(request, Cancel);
        Assert.Contains($"<html lang=\"{language}\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var chosen = new HttpRequestMessage(HttpMethod.Get, "/");
        chosen.Headers.TryAddWithoutValidation("Accept-Language", accept ?? "");
        chosen.Headers.Add("Cookie", "causerie-language=fr; causerie-theme=dark");
        using var other = await client.SendAsync(chosen, Cancel);
        Assert.Contains("<html lang=\"fr\" data-theme=\"dark\"", await other.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_languages_have_all_words()
    {
        foreach (var words in Causerie.Web.State.Visitor.Languages)
        {
            foreach (var property in words.GetType().GetProperties().Where(p => p.PropertyType == typeof(string)))
                Assert.False(string.IsNullOrWhiteSpace((string?)property.GetValue(words)), property.Name);
            Assert.Equal(4, words.Ideas.Count);
            Assert.NotEqual("", words.Speed(12.34));
            foreach (var kind in Enum.GetValues<Causerie.Chat.ChatErrorKind>())
                Assert.NotEqual("", words.Failed(kind));
        }

        var french = Causerie.Web.State.Visitor.Languages[1];
        Assert.Equal("12,3 tokens/s", french.Speed(12.34));
        Assert.Equal("0 token", french.Tokens(0));
    }

    [Theory]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.OK)]
    public async Task What_other_sites_send_is_refused(string origin, HttpStatusCode status)
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/page/begin") { Content = JsonContent.Create(new { text = "hi" }) };
        request.Headers.Add("Origin", origin.Length > 0 ? origin : site.Url);
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK ? 1 : 0, site.Storage.List(9).Count);

        using var framed = new HttpRequestMessage(HttpMethod.Get, "/page/live");
        framed.Headers.Add("Sec-Fetch-Site", "cross-site");
        framed.Headers.Add("Sec-Fetch-Mode", "cors");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(framed, Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_a_reason()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        using var empty = await client.PostAsJsonAsync("/page/begin", new { text = "  " }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, empty.StatusCode);
        Assert.Contains("empty", await empty.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostAsJsonAsync("/page/c/none/ask", new { text = "x" }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/page/c/none/thread", Cancel)).StatusCode);
        using var unknown = await client.PostAsJsonAsync("/page/shelf", new { path = "/x.txt" }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, unknown.StatusCode);
        Assert.Contains("/x.txt", await unknown.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var broken = new StringContent("{", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/page/begin", broken, Cancel)).StatusCode);
        using var form = new FormUrlEncodedContent([new("text", "hi")]);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await client.PostAsync("/page/begin", form, Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_sign_in_page_asks_for_the_key_only()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        using var response = await client.GetAsync("/signin?to=%22%3E%3Cscript%3E", Cancel);
        var document = new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync(Cancel));
        var form = Assert.Single(document.QuerySelectorAll("form"));
        Assert.Equal("/signin", form.GetAttribute("action"));
        Assert.Equal(["key", "to"], form.QuerySelectorAll("input").Select(i => i.GetAttribute("name")));
        Assert.Equal("\"><script>", form.QuerySelector("[name=to]")!.GetAttribute("value"));
        Assert.Empty(document.QuerySelectorAll("script"));
        using var wrong = await client.GetAsync("/signin?wrong=1", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("That is not the key.", await wrong.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_stream_sends_only_what_changed_and_adds_up_to_the_answer()
    {
        var watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new ScriptedModel(_ => Enumerable.Range(0, 40).Select(i => i % 4 == 3 ? "end.\n\n" : $"word{i} "))
        {
            // Not before somebody watches: an answer that is over has nothing to send.
            BeforePiece = (i, c) => i == 0 ? watched.Task.WaitAsync(c) : Task.Delay(15, c),
        };
        await using var site = await Site.StartAsync(model);
        var (conversation, turn) = site.Turns.Begin("Q", ConversationSettings.Default);
        using var client = site.Client();
        await using var stream = await client.GetStreamAsync($"/page/live?c={conversation.Id}", Cancel);
        var blocks = new List<string>();
        int answers = 0;
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancel))
        {
            watched.TrySetResult();
            if (item.EventType == "answer")
            {
                var data = JsonDocument.Parse(item.Data).RootElement;
                Assert.Equal(turn.Message, data.GetProperty("message").GetInt64());
                int keep = data.GetProperty("keep").GetInt32();
                Assert.InRange(keep, 0, blocks.Count);
                string[] fresh = [.. data.GetProperty("blocks").EnumerateArray().Select(b => b.GetString()!)];
                if (keep < blocks.Count && fresh.Length > 0)
                    Assert.NotEqual(blocks[keep], fresh[0]);
                blocks.RemoveRange(keep, blocks.Count - keep);
                blocks.AddRange(fresh);
                answers++;
            }
            else if (item.EventType == "thread" && turn.View().Ended && answers > 0)
            {
                break;
            }
        }

        string whole = site.Storage.Messages(conversation.Id)[^1].Text;
        // The last words may come with the end instead.
        Assert.StartsWith(string.Concat(blocks[..^1]), MarkdownTests.Html(whole), StringComparison.Ordinal);
        Assert.True(blocks.Count >= 5, $"{blocks.Count} blocks");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_stream_tells_what_the_model_does_before_its_first_word()
    {
        var model = new ScriptedModel(_ => ["x"]);
        model.HoldAt(0);
        await using var site = await Site.StartAsync(model);
        var (conversation, _) = site.Turns.Begin("Q", ConversationSettings.Default);
        using var client = site.Client();
        client.DefaultRequestHeaders.Add("Accept-Language", "fr");
        await using var stream = await client.GetStreamAsync($"/page/live?c={conversation.Id}", Cancel);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancel))
        {
            if (item.EventType != "answer")
                continue;
            string? note = JsonDocument.Parse(item.Data).RootElement.GetProperty("note").GetString();
            if (note == "Lecture… 10 tokens sur 10")
                return;
            Assert.Equal("En attente du modèle…", note);
        }

        Assert.Fail("The stream ended without a word.");
    }

    [Fact]
    public async Task The_list_is_grouped_by_day()
    {
        var time = new ManualTime();
        await using var site = await Site.StartAsync(new ScriptedModel(_ => ["x"]), time);
        foreach (int days in (int[])[20, 5, 1, 0])
        {
            await site.Turns.Begin($"{days} days", ConversationSettings.Default).Turn.Completion;
            time.Advance(TimeSpan.FromDays(days == 20 ? 15 : days == 5 ? 4 : days));
        }

        using var client = site.Client();
        var document = new HtmlParser().ParseDocument(await client.GetStringAsync("/page/list", Cancel));
        Assert.Equal(
            ["Today", "0 days", "Yesterday", "1 days", "Last seven days", "5 days", "Earlier", "20 days"],
            document.QuerySelectorAll("h2, li a").Select(e => e.TextContent.Trim()));
    }

    [Fact]
    public async Task A_page_that_listens_does_not_hold_up_the_end()
    {
        await using var site = await Site.StartAsync(new ScriptedModel(_ => []));
        using var client = site.Client();
        await using var stream = await client.GetStreamAsync("/page/live", Cancel);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await site.StopAsync();
        // Kestrel would wait half a minute for it.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
    }
}
