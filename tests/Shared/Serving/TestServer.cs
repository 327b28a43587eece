using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Microsoft.AspNetCore.Builder;

namespace Causerie.Tests;

/// <summary>A real server on a free port with the models that a test gives it.</summary>
/// <remarks>Lives in its own folder because only test projects that see Host can compile it.</remarks>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, ModelLibrary library)
    {
        _app = app;
        Library = library;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public ModelLibrary Library { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<TestServer> StartAsync(params IChatModel[] models) => StartAsync(new ServerOptions(), models);

    public static async Task<TestServer> StartAsync(ServerOptions options, params IChatModel[] models)
    {
        var library = new ModelLibrary((_, file, _, _) => throw new NotSupportedException(file));
        foreach (var model in models)
            library.Router.Add(model);
        return await StartAsync(options, library);
    }

    public static async Task<TestServer> StartAsync(ServerOptions options, ModelLibrary library)
    {
        options = options with { Port = 0 };
        var app = Server.Build(options, library);
        await Server.StartAsync(app, options, TestContext.Current.CancellationToken);
        return new TestServer(app, library);
    }

    public Task<HttpResponseMessage> PostAsync(object body, string path = "/v1/chat/completions") =>
        Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> PostAsync(
        string json, string path = "/v1/chat/completions", string contentType = "application/json") =>
        Client.PostAsync(
            path, new StringContent(json, Encoding.UTF8, contentType), TestContext.Current.CancellationToken);

    /// <summary>Posts and reads no more than the headers, so that a stream can be watched.</summary>
    public Task<HttpResponseMessage> OpenAsync(string json, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Asks the server to stop, as Ctrl-C does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>The response's error, after checking that it has exactly the envelope's shape.</summary>
    public static async Task<(string Message, string Type, string? Param, string? Code)> ErrorAsync(
        HttpResponseMessage response)
    {
        var json = await JsonAsync(response);
        var error = Assert.Single(json.EnumerateObject().ToList());
        Assert.Equal("error", error.Name);
        Assert.Equal(["message", "type", "param", "code"], error.Value.EnumerateObject().Select(field => field.Name));
        return (
            error.Value.GetProperty("message").GetString()!, error.Value.GetProperty("type").GetString()!,
            error.Value.GetProperty("param").GetString(), error.Value.GetProperty("code").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Library.DisposeAsync();
    }
}
