using System.Text;
using System.Text.Json;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Batches;
using Causerie.Host.Tests.Models;
using Causerie.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Causerie.Host.Tests.Serving.Batches;

/// <summary>What only a clock in a test's hand, or files as a kill leaves them, can show of batches.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly HandClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ServerOptions Options => new() { DataFolder = _folder.Path, Clock = _clock, BatchParallel = 1 };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_whose_time_is_over_keeps_what_it_has(bool whileDown)
    {
        int asked = 0;
        var model = new ScriptedModel("m", "x") { BeforePiece = (_, token) => Interlocked.Increment(ref asked) <= 2 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token) };
        var server = await TestServer.StartAsync(Options, model);
        string id = await BeginAsync(server, 4);
        await UntilAsync(server, id, batch => batch.GetProperty("request_counts").GetProperty("completed").GetInt32() == 2);
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal("in_progress", (await GetAsync(server, id)).GetProperty("status").GetString());
        if (whileDown)
            await server.DisposeAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        if (whileDown)
            server = await TestServer.StartAsync(Options, new ScriptedModel("m", "y"));
        var ended = await UntilAsync(server, id, batch => batch.TryGetProperty("expired_at", out _));
        Assert.Equal(("expired", """{"total":4,"completed":2,"failed":2}"""), (ended.GetProperty("status").GetString(), ended.GetProperty("request_counts").GetRawText()));
        string errors = await server.Client.GetStringAsync($"/v1/files/{ended.GetProperty("error_file_id").GetString()}/content", Token);
        Assert.Equal(2, errors.Split("\"batch_expired\"").Length - 1);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_has_expired_is_gone_over_the_API()
    {
        await using var server = await TestServer.StartAsync(Options, new ScriptedModel("m", "x"));
        string id = await SendAsync(server, "hello");
        Assert.Equal("hello", await server.Client.GetStringAsync($"/v1/files/{id}/content", Token));
        _clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/v1/files/{id}", Token)).StatusCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "files")));
    }

    [Fact]
    public async Task A_batch_whose_input_is_gone_fails_with_what_it_has()
    {
        int asked = 0;
        var model = new ScriptedModel("m", "x") { BeforePiece = (_, token) => Interlocked.Increment(ref asked) <= 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token) };
        string id, input;
        await using (var server = await TestServer.StartAsync(Options, model))
        {
            id = await BeginAsync(server, 3);
            var batch = await UntilAsync(server, id, now => now.GetProperty("request_counts").GetProperty("completed").GetInt32() == 1);
            input = batch.GetProperty("input_file_id").GetString()!;
            Assert.Equal(200, (int)(await server.Client.DeleteAsync($"/v1/files/{input}", Token)).StatusCode);
        }

        await using var again = await TestServer.StartAsync(Options, new ScriptedModel("m", "y"));
        var ended = await UntilAsync(again, id, batch => batch.TryGetProperty("failed_at", out _));
        Assert.Equal("input_file_not_found", ended.GetProperty("errors").GetProperty("data")[0].GetProperty("code").GetString());
        Assert.Contains("\"c0\"", await again.Client.GetStringAsync($"/v1/files/{ended.GetProperty("output_file_id").GetString()}/content", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kill_while_files_are_put_in_place_loses_none(bool moved)
    {
        string id, output;
        var model = new ScriptedModel("m", "never asked again");
        await using (var server = await TestServer.StartAsync(Options, new ScriptedModel("m", "x")))
        {
            id = await BeginAsync(server, 2);
            output = (await UntilAsync(server, id, batch => batch.TryGetProperty("completed_at", out _))).GetProperty("output_file_id").GetString()!;
        }

        // Back to where it is certain how the batch ends, with or without its file moved.
        using (var objects = ApiObjects.Open(Path.Combine(_folder.Path, "objects.db")))
        {
            var kept = objects.Find(BatchObject.Kind, id, "")!;
            var batch = System.Text.Json.Nodes.JsonNode.Parse(kept.Json)!.AsObject();
            batch["status"] = BatchObject.Finalizing;
            batch.Remove("output_file_id");
            batch.Remove("completed_at");
            var ticket = new BatchTicket(id, Caller.OfBatch("", "", ""), output, ApiFiles.NewId(), null, BatchObject.Completed);
            objects.Put(kept with { Json = batch.ToJsonString() }, ticket.ToObject(kept.Created));
            if (!moved)
            {
                File.Move(Path.Combine(_folder.Path, "files", output), Path.Combine(_folder.Path, "batches", $"{id}.output.jsonl"));
                objects.Delete("file", output, "");
            }
        }

        await using var again = await TestServer.StartAsync(Options, model);
        var ended = await UntilAsync(again, id, batch => batch.TryGetProperty("completed_at", out _));
        Assert.Equal(output, ended.GetProperty("output_file_id").GetString());
        Assert.Equal(2, (await again.Client.GetStringAsync($"/v1/files/{output}/content", Token)).Count(c => c == '\n'));
        Assert.Empty(model.Requests);
        Assert.Empty(again.Services.GetRequiredService<ApiObjects>().OfAll(BatchTicket.Kind));
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("torn", 2)]
    [InlineData("{\"id\":\"x\",\"custom_id\":\"c2\",\"response\":null,\"error\":null}", 2)] // whole but for its end
    [InlineData("{\"id\":\"x\",\"custom_id\":\"c2\"\n", 2)]
    [InlineData("{\"id\":\"x\",\"custom_id\":\"c2\",\"response\":null,\"error\":null}\n\0\0\0\0", 3)]
    [InlineData("7\n{\"id\":\"x\",\"custom_id\":\"c2\",\"response\":null,\"error\":null}\n", 2)]
    public async Task A_journal_is_cut_behind_its_last_whole_line(string tail, int whole)
    {
        var expected = new StringBuilder();
        await using (var journal = await BatchJournal.OpenAsync(_folder.Path, "b"))
        {
            for (int i = 0; i < 2; i++)
            {
                byte[] line = BatchOutput.Unanswered($"c{i}", "code", "é");
                expected.Append(Encoding.UTF8.GetString(line));
                await journal.AddAsync(line, answered: true, new BatchUsage(1, 0, 2, 0));
            }
        }

        string path = BatchJournal.Outputs(_folder.Path, "b");
        await File.AppendAllTextAsync(path, tail, Token);
        await using (var again = await BatchJournal.OpenAsync(_folder.Path, "b"))
        {
            Assert.Equal(whole, again.Completed);
            Assert.Equal((true, true, whole == 3), (again.Holds("c0"), again.Holds("c1"), again.Holds("c2")));
            byte[] next = BatchOutput.Unanswered("next", "code", "");
            await again.AddAsync(next, answered: true, default);
            expected.Append(tail.AsSpan(0, whole == 3 ? tail.IndexOf('\n') + 1 : 0)).Append(Encoding.UTF8.GetString(next));
        }

        Assert.Equal(expected.ToString(), await File.ReadAllTextAsync(path, Token));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nbb", "a|bb")]
    [InlineData("\n\na\n", "||a")]
    [InlineData("0123456789\nb\n", "0123456789|b")]
    [InlineData("0123456789x\nb\n", "long|b")]
    [InlineData("a\n0123456789x", "a|long")]
    public async Task Lines_are_read_whole_whatever_their_length(string text, string expected)
    {
        var lines = new List<string>();
        await foreach (var line in JsonLines.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), 10, Token))
        {
            lines.Add(line.TooLong ? "long" : Encoding.UTF8.GetString(line.Bytes.Span));
            Assert.Equal(lines.Count, line.Number);
        }

        Assert.Equal(expected, string.Join('|', lines));
    }

    [Fact]
    public async Task Lines_are_read_over_the_ends_of_buffers()
    {
        string[] all = [.. Enumerable.Range(0, 60).Select(i => new string((char)('a' + (i % 26)), i * i * 97 % 200_000))];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', all) + "\n");
        int at = 0;
        await foreach (var line in JsonLines.ReadAsync(new MemoryStream(bytes), 150_000, Token))
        {
            Assert.Equal(all[at].Length > 150_000, line.TooLong);
            if (!line.TooLong)
                Assert.Equal(all[at], Encoding.UTF8.GetString(line.Bytes.Span));
            at++;
            Assert.Equal(all[..at].Sum(one => one.Length + 1), line.Next);
        }

        Assert.Equal(all.Length, at);
    }

    private static async Task<string> SendAsync(TestServer server, string text)
    {
        using var form = new MultipartFormDataContent { { new StringContent(text), "file", "in.jsonl" }, { new StringContent("batch"), "purpose" } };
        return (await TestServer.JsonAsync(await server.Client.PostAsync("/v1/files", form, Token))).GetProperty("id").GetString()!;
    }

    private static async Task<string> BeginAsync(TestServer server, int count)
    {
        string input = await SendAsync(server, string.Concat(Enumerable.Range(0, count).Select(i =>
            $$"""{"custom_id":"c{{i}}","method":"POST","url":"/v1/completions","body":{"model":"m","prompt":"Hi"} }""" + "\n")));
        return (await TestServer.JsonAsync(await server.PostAsync(
            $$"""{"input_file_id":"{{input}}","endpoint":"/v1/completions","completion_window":"24h"}""", "/v1/batches"))).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> GetAsync(TestServer server, string id) =>
        await TestServer.JsonAsync(await server.Client.GetAsync($"/v1/batches/{id}", Token));

    private static async Task<JsonElement> UntilAsync(TestServer server, string id, Predicate<JsonElement> holds)
    {
        for (int i = 0; ; i++)
        {
            var now = await GetAsync(server, id);
            if (holds(now))
                return now;
            Assert.True(i < 3000, now.GetRawText());
            await Task.Delay(10, Token);
        }
    }
}
