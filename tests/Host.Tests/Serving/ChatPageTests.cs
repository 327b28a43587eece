using System.Net;
using System.Net.Http.Headers;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>The page is part of the server, and takes model files.</summary>
public sealed class ChatPageTests : IDisposable
{
    private readonly ScratchFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_is_there_and_its_assets_are()
    {
        await using var server = await StartAsync();
        var page = await server.Client.GetAsync("/", Token);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        string html = await page.Content.ReadAsStringAsync(Token);
        string asset = html.Split('"').First(part => part.StartsWith("/assets/", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(asset, Token)).StatusCode);
        Assert.True(File.Exists(Path.Combine(_data.Path, "conversations.db")));
    }

    [Fact]
    public async Task With_a_key_only_the_way_in_is_open()
    {
        await using var server = await StartAsync(new ServerOptions { ApiKeys = ["right"] });
        string html = await server.Client.GetStringAsync("/signin", Token);
        string asset = html.Split('"').First(part => part.StartsWith("/assets/", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(asset, Token)).StatusCode);
        foreach (string path in (string[])["/", "/c/1", "/page/list", "/page/upload/x.gguf"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync(path, Token)).StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_sent_is_kept_and_answers()
    {
        await using var server = await StartAsync();
        byte[] body = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)i)];
        var response = await server.Client.PutAsync("/page/upload/my%20model.gguf", Content(body), Token);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(body, await File.ReadAllBytesAsync(Path.Combine(_data.Path, "models", "my model.gguf"), Token));
        Assert.Equal((LibraryState.Loaded, "my model"), (server.Library.Models[0].State, server.Library.Models[0].Id));

        var again = await server.Client.PutAsync("/page/upload/my%20model.gguf", Content(body), Token);
        Assert.Contains("already", (await TestServer.ErrorAsync(again)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversations_that_are_damaged_are_said_at_the_start_and_left_alone()
    {
        string path = _data.Write("conversations.db", "not a database at all");
        var error = await Assert.ThrowsAsync<ServerException>(() => StartAsync());
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal("not a database at all", await File.ReadAllTextAsync(path, Token));
    }

    [Fact]
    public async Task A_file_that_cannot_be_loaded_is_not_kept()
    {
        await using var server = await StartAsync(broken: true);
        var response = await server.Client.PutAsync("/page/upload/bad.gguf", Content([1, 2, 3]), Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("no GGUF", (await TestServer.ErrorAsync(response)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_data.Path, "models")));
        Assert.Empty(server.Library.Models);
    }

    [Theory]
    [InlineData("model.bin")]
    [InlineData(".gguf")]
    [InlineData("..%2Fmodel.gguf")]
    [InlineData("..%5Cmodel.gguf")]
    [InlineData(".hidden.gguf")]
    [InlineData("a%0Ab.gguf")]
    public async Task A_name_that_is_no_plain_file_name_is_refused(string name)
    {
        await using var server = await StartAsync();
        var response = await server.Client.PutAsync($"/page/upload/{name}", Content([1]), Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Directory.EnumerateFiles(_data.Path, "*.gguf", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_that_stops_halfway_leaves_nothing()
    {
        await using var server = await StartAsync();
        using var leaving = new CancellationTokenSource();
        var sending = server.Client.PutAsync("/page/upload/half.gguf", new Endless(), leaving.Token);
        string models = Path.Combine(_data.Path, "models");
        while (!Directory.Exists(models) || !Directory.EnumerateFiles(models).Any())
            await Task.Delay(5, Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        while (Directory.EnumerateFiles(models).Any())
            await Task.Delay(5, Token);
        Assert.Empty(server.Library.Models);
    }

    [Fact]
    public async Task Models_of_the_data_folder_are_served()
    {
        _data.Write("models/org/a.gguf");
        await using var server = await StartAsync();
        var list = await TestServer.JsonAsync(await server.Client.GetAsync("/v1/models", Token));
        Assert.Equal("a", list.GetProperty("data")[0].GetProperty("id").GetString());
    }

    public void Dispose() => _data.Dispose();

    private Task<TestServer> StartAsync(ServerOptions? options = null, bool broken = false) => TestServer.StartAsync(
        (options ?? new ServerOptions()) with { DataFolder = _data.Path },
        new ModelLibrary((id, _, _, _) => broken
            ? throw new InvalidDataException("This is no GGUF file.")
            : Task.FromResult<Chat.IChatModel>(new ScriptedModel(id, "x"))));

    private static ByteArrayContent Content(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return content;
    }

    private sealed class Endless : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[100_000], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1_000_000;
            return true;
        }
    }
}
