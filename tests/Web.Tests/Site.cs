using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Conversations.Turns;
using Causerie.Web;
using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Causerie.Tests;

/// <summary>The chat page on a real server with a scripted model; can be restarted on the same port.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly Place _place = new();
    private WebApplication? _app;

    private readonly TimeProvider _time;

    private Site(ScriptedModel model, TimeProvider time) => (Model, _time) = (model, time);

    public ScriptedModel Model { get; }

    public string Url { get; private set; } = "http://127.0.0.1:0";

    public Sqlite Storage => _app!.Services.GetRequiredService<Sqlite>();

    public TurnRunner Turns => _app!.Services.GetRequiredService<TurnRunner>();

    /// <summary>What the page asked the shelf to load.</summary>
    public List<string> Shelved { get; } = [];

    /// <summary>What was sent to the shelf: name and number of bytes.</summary>
    public List<(string Name, long Bytes)> Sent { get; } = [];

    public ImmutableArray<ModelLoad> Loading { get; set; } = [];

    public ImmutableArray<ModelSuggestion> Suggestions { get; set; } = [];

    public static async Task<Site> StartAsync(ScriptedModel model, TimeProvider? time = null)
    {
        var site = new Site(model, time ?? TimeProvider.System);
        await site.StartAsync();
        return site;
    }

    public HttpClient Client() => new() { BaseAddress = new Uri(Url) };

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(Url);
        builder.Services.AddSingleton<IChatModel>(Model);
        builder.Services.AddSingleton(_time);
        builder.Services.AddSingleton(_ => _place.Open(_time));
        builder.Services.AddSingleton(new ModelShelf
        {
            Folder = "/home/you/.local/share/causerie/models",
            LoadAsync = (path, _) =>
            {
                if (!path.EndsWith(".gguf", StringComparison.Ordinal))
                    throw ChatException.Invalid($"There is no model file '{path}'.");
                Shelved.Add(path);
                Model.Models = [new ModelCard(Path.GetFileNameWithoutExtension(path), DateTimeOffset.UnixEpoch, "causerie")];
                return Task.CompletedTask;
            },
            Loading = () => Loading,
            Suggestions = () => Suggestions,
            UploadUrl = "/models/upload",
        });
        builder.Services.AddCauserieWeb();
        _app = builder.Build();
        _app.MapCauserieWeb();
        _app.MapPut("/models/upload/{name}", async (HttpContext http, string name) =>
        {
            var counted = new MemoryStream();
            await http.Request.Body.CopyToAsync(counted, http.RequestAborted);
            Sent.Add((name, counted.Length));
            Model.Models = [new ModelCard(Path.GetFileNameWithoutExtension(name), DateTimeOffset.UnixEpoch, "causerie")];
        });
        _app.MapGet("/signin", (HttpContext http, string? to, string? wrong) =>
            http.WriteSignInAsync(to ?? "/", wrong is not null));
        await _app.StartAsync();
        Url = _app.Urls.First();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopAsync();
        _place.Dispose();
    }
}
