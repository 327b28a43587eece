using System.Net;
using Causerie.Host.Serving;
using Causerie.Host.Tests.Commands.Verifying;
using Causerie.Ledger.Receipts;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>Receipts over HTTP: asked for, named in the answer, and fetched as they were written.</summary>
public sealed class ReceiptTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_names_its_fingerprint_and_its_receipt()
    {
        using var folder = Data();
        await using var server = await ReceiptMaker.ServeAsync(folder.Path);
        var request = ReceiptMaker.Request("tiny", "Hello", 5);
        var plain = await TestServer.JsonAsync(await server.PostAsync(request.ToJsonString()));
        Assert.False(plain.TryGetProperty("receipt_id", out _));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "receipts")));

        request["receipt"] = true;
        var answer = await TestServer.JsonAsync(await server.PostAsync(request.ToJsonString()));
        string id = answer.GetProperty("receipt_id").GetString()!;
        foreach (string prefix in new[] { "/v1", "" })
        {
            var response = await server.Client.GetAsync($"{prefix}/receipts/{id}", Token);
            Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(Token);
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.Path, "receipts", id + ".json")), bytes);
            var receipt = ReceiptReader.Read(bytes);
            Assert.Equal(id, receipt.Id);
            Assert.Equal(answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), receipt.Text);
            Assert.Equal(
                $"causerie-{receipt.Trace.Engine}-{receipt.Trace.Files[0].Sha256[..16]}",
                answer.GetProperty("system_fingerprint").GetString());
            Assert.Equal(plain.GetProperty("system_fingerprint").GetString(), answer.GetProperty("system_fingerprint").GetString());
        }
    }

    [Fact]
    public async Task The_last_chunk_of_a_stream_names_it()
    {
        using var folder = Data();
        await using var server = await ReceiptMaker.ServeAsync(folder.Path);
        var request = ReceiptMaker.Request("tiny", "Hello", 5);
        request["receipt"] = true;
        request["stream"] = true;
        string stream = await (await server.PostAsync(request.ToJsonString())).Content.ReadAsStringAsync(Token);
        string[] chunks = [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal("data: [DONE]", chunks[^1]);
        Assert.Contains("\"receipt_id\":\"rcpt_", chunks[^2]);
        Assert.All(chunks[..^2], chunk => Assert.DoesNotContain("receipt_id", chunk));
        Assert.All(chunks[..^1], chunk => Assert.Contains("\"system_fingerprint\":\"causerie-", chunk));
    }

    [Fact]
    public async Task By_setting_every_answer_has_one()
    {
        using var folder = Data();
        await using var server = await ReceiptMaker.ServeAsync(folder.Path, all: true);
        var answer = await TestServer.JsonAsync(await server.PostAsync(ReceiptMaker.Request("tiny", "Hello", 5).ToJsonString()));
        Assert.Equal(
            answer.GetProperty("receipt_id").GetString() + ".json",
            Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "receipts")))));
    }

    [Theory]
    [InlineData("rcpt_0123456789abcdef0123456789abcdef")]
    [InlineData("nope")]
    [InlineData("..%2F..%2Fmodels%2Ftiny.gguf")]
    [InlineData("rcpt_0123456789ABCDEF0123456789abcdef")]
    public async Task What_is_not_there_is_not_found(string id)
    {
        using var folder = Data();
        await using var server = await ReceiptMaker.ServeAsync(folder.Path);
        var response = await server.Client.GetAsync($"/v1/receipts/{id}", Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal(("invalid_request_error", "id", "receipt_not_found"), (error.Type, error.Param, error.Code));
    }

    [Fact]
    public async Task Without_a_data_folder_none_is_given_and_the_request_for_one_is_refused()
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/v1/receipts/" + ReceiptId.New(), Token)).StatusCode);
        var request = ReceiptMaker.Request("m", "Hello", 5);
        request["receipt"] = true;
        var response = await server.PostAsync(request.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("receipt", (await TestServer.ErrorAsync(response)).Param);
        request["receipt"] = "yes";
        Assert.Equal("invalid_type", (await TestServer.ErrorAsync(await server.PostAsync(request.ToJsonString()))).Code);
    }

    [Fact]
    public async Task A_server_with_a_key_shows_none_without_it()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { ApiKeys = ["sk-causerie-0123456789"] });
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/v1/receipts/" + ReceiptId.New(), Token)).StatusCode);
    }

    private static ScratchFolder Data()
    {
        var folder = new ScratchFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "models"));
        TinyModel.Write(Path.Combine(folder.Path, "models", "tiny.gguf"));
        return folder;
    }
}
