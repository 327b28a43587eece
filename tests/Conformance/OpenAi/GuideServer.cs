using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Conformance.OpenAi;

/// <summary>A server with the model that ships.</summary>
internal sealed class GuideServer : IAsyncDisposable
{
    private readonly ModelLibrary _library = new((id, file, _, _) => Task.FromResult<IChatModel>(
        new LocalModel(LoadedModel.Load(file, new LoadOptions { Id = id }))));

    private TestServer? _server;

    /// <summary>The server, once it is started.</summary>
    public TestServer Server => _server ?? throw new InvalidOperationException("The server is not started.");

    public async ValueTask StartAsync()
    {
        _library.AddBuiltIn(Assert.IsType<string>(BuiltInModel.Locate()));
        _server = await TestServer.StartAsync(new ServerOptions(), _library);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _library.DisposeAsync();
    }
}
