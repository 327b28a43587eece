using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Host.Endpoints;
using Causerie.Host.Models;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Background;
using Causerie.Host.Serving.Batches;
using Causerie.Host.Serving.Limits;
using Causerie.Host.Serving.Measures;
using Causerie.Ledger.Receipts;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace Causerie.Host.Serving;

/// <summary>The HTTP server: every dialect's endpoints, the models, health and measures, and the chat page, behind its
/// guards.</summary>
public static class Server
{
    /// <summary>Builds the server; nothing listens yet.</summary>
    /// <param name="options">How it listens and whom it lets in.</param>
    /// <param name="library">The models that answer; the caller disposes it after the server.</param>
    /// <exception cref="ServerException">The options cannot be served.</exception>
    public static WebApplication Build(ServerOptions options, ModelLibrary library)
    {
        var listen = ListenAddress.From(options);
        // The empty builder reads no configuration, so that no environment variable opens another address.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(Server).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            kestrel.Listen(listen.Address, listen.Port);
        });
        AddServices(builder, options, library);
        var app = builder.Build();
        app.Services.GetRequiredService<Opening>().Prepare(options);
        app.UseMiddleware<RequestLog>();
        app.Use(Refusals.EnvelopeAsync);
        app.UseMiddleware<OriginGuard>();
        app.UseMiddleware<KeyGuard>();
        app.UseMiddleware<RateLimitGuard>();
        MapEndpoints(app, library);
        return app;
    }

    /// <summary>Serves until told to stop.</summary>
    /// <param name="options">How it listens and whom it lets in.</param>
    /// <param name="library">The models that answer.</param>
    /// <param name="output">Told the address once it listens.</param>
    /// <param name="cancellationToken">Stops it, as Ctrl-C does; running answers get <see cref="ServerOptions.Grace"/>.</param>
    /// <exception cref="ServerException">It cannot start; the message says what to do.</exception>
    public static async Task RunAsync(
        ServerOptions options, ModelLibrary library, TextWriter output, CancellationToken cancellationToken)
    {
        await using var app = Build(options, library);
        await StartAsync(app, options, cancellationToken);
        foreach (string address in app.Urls)
            await output.WriteLineAsync($"Causerie listens on {address}");
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, app.Lifetime.ApplicationStopping);
        var opening = app.Services.GetRequiredService<Opening>().RunAsync(closing.Token);
        await app.WaitForShutdownAsync(cancellationToken);
        await opening;
    }

    /// <summary>Starts listening.</summary>
    /// <exception cref="ServerException">The port is taken, or the address is not this machine's.</exception>
    public static async Task StartAsync(
        WebApplication app, ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new ServerException(
                $"Port {options.Port} on {options.Host} is taken, perhaps by another causerie. Stop that one, or choose "
                + "another port with --port.", failure);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            throw new ServerException(
                $"Cannot listen on {options.Host} port {options.Port}: {failure.Message}", failure);
        }
    }

    private static void AddServices(WebApplicationBuilder builder, ServerOptions options, ModelLibrary library)
    {
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(options.Clock);
        services.AddSingleton(library);
        services.AddSingleton(new KeyRing(options.ApiKeys));
        services.AddSingleton<Stopping>();
        services.AddSingleton(_ => Kept(() => ApiObjects.Open(options.DataFolder is { } data ? DataFolder.Objects(data) : null)));
        services.AddSingleton(provider => Kept(() => ApiFiles.Open(
            provider.GetRequiredService<ApiObjects>(), options.DataFolder is { } data ? DataFolder.Files(data) : null, options.Clock)));
        services.AddSingleton<Opening>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<BackgroundAnswers>();
        services.AddHostedService(provider => provider.GetRequiredService<BackgroundAnswers>());
        services.AddSingleton<BatchTargets>();
        services.AddSingleton<BatchRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<BatchRunner>());
        services.AddSingleton(_ =>
            new ServerMeter(() => library.Models.Count(model => model.State == LibraryState.Loaded)));
        services.AddSingleton(provider => new PrometheusText(provider.GetRequiredService<ServerMeter>().Meter));
        services.AddSingleton<IChatModel>(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            var kept = new ReceiptModel(library.Router, Receipts(options), options.ReceiptsOfAll, clock);
            var charged = new ChargedModel(kept, provider.GetRequiredService<RateLimits>());
            return new MeteredModel(charged, provider.GetRequiredService<ServerMeter>(), clock);
        });
        services.AddSingleton<IEmbeddingModel>(provider =>
            new MeteredEmbeddings(library.Router, provider.GetRequiredService<ServerMeter>()));
        // Kestrel cuts connections at this time, so answers are told a little earlier, in words.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Grace + TimeSpan.FromSeconds(2));
        services.AddRouting();
        ChatPage.Add(services, options, library);
        // A server that cannot start says so itself.
        builder.Logging.SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Causerie", LogLevel.Information)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConsoleFormatter<LogLine, ConsoleFormatterOptions>();
        builder.Logging.AddConsole(console =>
        {
            console.FormatterName = LogLine.Name;
            // Standard output is for what a program asked for.
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    }

    private static T Kept<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (StorageException failure)
        {
            throw new ServerException(failure.Message, failure);
        }
    }

    private static ReceiptStore? Receipts(ServerOptions options) =>
        options.DataFolder is { } data ? new ReceiptStore(DataFolder.Receipts(data)) : null;

    private static void MapEndpoints(WebApplication app, ModelLibrary library)
    {
        var services = app.Services;
        var model = services.GetRequiredService<IChatModel>();
        foreach (var dialect in Dialect.Discover())
        {
            var endpoint = ActivatorUtilities.CreateInstance<DialectEndpoint>(services, dialect);
            foreach (string path in dialect.Paths)
                app.MapPost(path, endpoint.HandleAsync).WithMetadata(new Limited());
        }

        foreach (var dialect in EmbeddingDialect.Discover())
        {
            var endpoint = ActivatorUtilities.CreateInstance<EmbeddingEndpoint>(services, dialect);
            foreach (string path in dialect.Paths)
                app.MapPost(path, endpoint.HandleAsync).WithMetadata(new Limited());
        }

        ModelEndpoints.Map(app, model);
        ActivatorUtilities.CreateInstance<ResponseEndpoints>(services).Map(app);
        ActivatorUtilities.CreateInstance<ConversationEndpoints>(services).Map(app);
        ActivatorUtilities.CreateInstance<CompletionEndpoints>(services).Map(app);
        ActivatorUtilities.CreateInstance<FileEndpoints>(services).Map(app);
        ActivatorUtilities.CreateInstance<BatchEndpoints>(services).Map(app);
        ActivatorUtilities.CreateInstance<PromptEndpoints>(services).Map(app);
        UnservedEndpoints.Map(app);
        ActivatorUtilities.CreateInstance<OpenApiEndpoint>(services).Map(app);
        ReceiptEndpoint.Map(app, Receipts(services.GetRequiredService<ServerOptions>()));
        HealthEndpoint.Map(app, library, services.GetRequiredService<Opening>());
        MetricsEndpoint.Map(app, services.GetRequiredService<PrometheusText>());
        SignIn.Map(app);
        ChatPage.Map(app, services.GetRequiredService<ServerOptions>());
    }
}
