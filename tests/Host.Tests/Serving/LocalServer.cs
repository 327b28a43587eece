using System.Text.Json;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Serving;

/// <summary>A real server whose models are tiny but real files, loaded as <c>serve</c> does.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly ScratchFolder _folder;
    private readonly List<LocalModel> _loaded;

    private LocalServer(TestServer server, ScratchFolder folder, List<LocalModel> loaded)
    {
        Http = server;
        _folder = folder;
        _loaded = loaded;
    }

    public TestServer Http { get; }

    public Engine Engine => _loaded[^1].Engine;

    public int Loads => _loaded.Count;

    public static async Task<LocalServer> StartAsync(
        EngineOptions? engine = null, LoadOptions? load = null, ServerOptions? options = null, params string[] names)
    {
        var folder = new ScratchFolder();
        var loaded = new List<LocalModel>();
        var models = new LocalModels(load ?? new LoadOptions(), engine ?? new EngineOptions(), TimeProvider.System, _ => { });
        var library = new ModelLibrary(
            async (id, file, progress, cancel) =>
            {
                var model = (LocalModel)await models.LoadAsync(id, file, progress, cancel);
                loaded.Add(model);
                return model;
            }, new LibraryOptions { Needs = models.Needs, Holds = LocalModels.Holds, IsSpoilt = LocalModels.IsSpoilt });
        string[] all = names.Length > 0 ? names : ["m"];
        for (int i = 0; i < all.Length; i++)
            library.Add(TinyModel.Write(Path.Combine(folder.Path, $"{all[i]}.gguf"), (ulong)i + 1));
        return new LocalServer(await TestServer.StartAsync(options ?? new ServerOptions(), library), folder, loaded);
    }

    public string File(string name) => Path.Combine(_folder.Path, $"{name}.gguf");

    /// <summary>A request that no token of the model ends.</summary>
    public static string Body(string model = "m", int maxTokens = 4, bool stream = false, string text = "Hello", string more = "") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}],"""
        + $$"""
            "max_tokens":{{maxTokens}},"stream":{{(stream ? "true" : "false")}},{{more}}
            "logit_bias":{"{{TinyModel.Eos}}":-100,"{{TinyModel.TurnEnd}}":-100} }
            """;

    public async Task UntilAsync(Func<Engine, bool> condition)
    {
        for (int i = 0; i < 2000 && (Loads == 0 || !condition(Engine)); i++)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.True(condition(Engine));
    }

    public async ValueTask DisposeAsync()
    {
        await Http.DisposeAsync();
        _folder.Dispose();
    }
}
