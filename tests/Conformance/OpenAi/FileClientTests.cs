using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Causerie.Tests;
using OpenAI;
using OpenAI.Files;

#pragma warning disable OPENAI001 // The client calls its part for batches experimental.

namespace Causerie.Conformance.OpenAi;

/// <summary>The official clients keep files and run batches.</summary>
public sealed class FileClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_client_for_NET_keeps_files()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var files = Client(server).GetOpenAIFileClient();
        var sent = (await files.UploadFileAsync(BinaryData.FromString("hello"), "Zoë.txt", FileUploadPurpose.UserData)).Value;
        Assert.Equal(("Zoë.txt", 5), (sent.Filename, sent.SizeInBytes));
        Assert.Equal(sent.Id, (await files.GetFileAsync(sent.Id, Token)).Value.Id);
        Assert.Equal(sent.Id, Assert.Single((await files.GetFilesAsync(Token)).Value).Id);
        Assert.Equal("hello", (await files.DownloadFileAsync(sent.Id, Token)).Value.ToString());
        Assert.True((await files.DeleteFileAsync(sent.Id, Token)).Value.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(sent.Id, Token))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<ClientResultException>(() =>
            files.UploadFileAsync(BinaryData.FromString("x"), "x", FileUploadPurpose.FineTune))).Status);
    }

    [Fact]
    public async Task The_client_for_NET_runs_batches()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello"));
        var client = Client(server);
        var files = client.GetOpenAIFileClient();
        string input = (await files.UploadFileAsync(
            BinaryData.FromString(string.Join('\n', BatchTests.Chats(3))), "in.jsonl", FileUploadPurpose.Batch)).Value.Id;
        var body = BinaryContent.Create(BinaryData.FromString(
            $$"""{"input_file_id":"{{input}}","endpoint":"/v1/chat/completions","completion_window":"24h"}"""));
        var batch = await client.GetBatchClient().CreateBatchAsync(body, waitUntilCompleted: false);
        JsonElement now;
        do
        {
            await Task.Delay(20, Token);
            now = JsonDocument.Parse((await batch.GetBatchAsync(new RequestOptions())).GetRawResponse().Content).RootElement;
        }
        while (now.GetProperty("status").GetString() != "completed");
        string output = (await files.DownloadFileAsync(now.GetProperty("output_file_id").GetString()!, Token)).Value.ToString();
        Assert.Equal(3, output.Split("\"content\":\"Hello\"").Length - 1);
        Assert.Equal(400, (await Assert.ThrowsAsync<ClientResultException>(() => batch.CancelAsync(new RequestOptions()))).Status);
    }

    [Fact]
    public async Task The_client_for_JavaScript_keeps_files()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var seen = await NpmClient.RunAsync(server.Address, "files");
        Assert.True(seen.GetProperty("same").GetBoolean() && seen.GetProperty("deleted").GetBoolean());
        Assert.Equal((3600, JsonValueKind.Null), (seen.GetProperty("lasts").GetInt32(), seen.GetProperty("keeps").ValueKind));
        Assert.Equal("""["a.txt","b.txt"]""", seen.GetProperty("listed").GetRawText());
        Assert.Equal(("NotFoundError", "file_not_found"), (seen.GetProperty("gone").GetProperty("error").GetString(), seen.GetProperty("gone").GetProperty("code").GetString()));
        Assert.Equal("unsupported_value", seen.GetProperty("refused").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_client_for_JavaScript_runs_batches()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "Hello", " Zoë"));
        var seen = await NpmClient.RunAsync(server.Address, "batches");
        Assert.Equal("completed", seen.GetProperty("status").GetString());
        Assert.Equal("""{"total":2,"completed":2,"failed":0}""", seen.GetProperty("counts").GetRawText());
        Assert.Equal(("""["a","b"]""", """["Hello Zoë","Hello Zoë"]""", "[true]"), (
            seen.GetProperty("ids").GetRawText(), seen.GetProperty("texts").GetRawText(), seen.GetProperty("listed").GetRawText()));
        Assert.Equal("BadRequestError", seen.GetProperty("late").GetProperty("error").GetString());
        Assert.Equal("file_not_found", seen.GetProperty("refused").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_client_for_JavaScript_cancels_a_batch()
    {
        await using var server = await TestServer.StartAsync(
            new ScriptedModel("m", "x") { BeforePiece = (_, token) => Task.Delay(Timeout.Infinite, token) });
        Assert.Equal("cancelled", (await NpmClient.RunAsync(server.Address, "cancelBatch")).GetProperty("status").GetString());
    }

    private static OpenAIClient Client(TestServer server) => new(
        new ApiKeyCredential("unused"),
        new OpenAIClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
