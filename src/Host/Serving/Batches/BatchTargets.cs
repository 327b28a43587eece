using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Batches;

/// <summary>Where requests of batches go: the endpoints of this server, called without a connection.</summary>
internal sealed partial class BatchTargets(IServiceProvider services, ILogger<BatchTargets> log)
{
    // Those of OpenAI's list; each joins where it is mapped. Of moderations only the refusal is.
    private static readonly ImmutableArray<string> Known =
    [
        "/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/completions", "/v1/images/generations", "/v1/images/edits",
        "/v1/videos",
    ];

    private readonly Lazy<ImmutableDictionary<string, RequestDelegate>> _targets = new(() => Known
        .Select(path => (Path: path, services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .FirstOrDefault(route => route.RoutePattern.RawText == path
                && route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true)?.RequestDelegate))
        .Where(target => target.RequestDelegate is not null)
        .ToImmutableDictionary(target => target.Path, target => target.RequestDelegate!));

    /// <summary>Their paths.</summary>
    public ImmutableArray<string> Paths => [.. Known.Where(_targets.Value.ContainsKey)];

    /// <summary>Sends one request and waits for its whole answer.</summary>
    /// <param name="path">One of <see cref="Paths"/>.</param>
    /// <param name="body">The body, as JSON.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Leaves, as a caller does.</param>
    /// <exception cref="OperationCanceledException">Left.</exception>
    public async Task<BatchReply> PostAsync(string path, ReadOnlyMemory<byte> body, Caller caller, CancellationToken cancellationToken)
    {
        var http = new DefaultHttpContext
        {
            RequestServices = services,
            RequestAborted = cancellationToken,
            TraceIdentifier = $"req_{RandomNumberGenerator.GetHexString(32, lowercase: true)}",
        };
        http.Features.Set(caller);
        http.Request.Method = HttpMethods.Post;
        http.Request.Path = path;
        http.Request.ContentType = "application/json";
        http.Request.ContentLength = body.Length;
        http.Request.Body = new MemoryStream(body.ToArray(), writable: false);
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        try
        {
            await _targets.Value[path](http);
        }
#pragma warning disable CA1031 // Whatever an endpoint throws, the request has an answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested(); // whatever broke then, it broke because we left
            LogFault(log, failure, http.TraceIdentifier);
            await http.RefuseAsync(Errors.Describe(failure));
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var document = JsonDocument.Parse(answer.ToArray());
        var wait = double.TryParse(http.Response.Headers.RetryAfter, CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return new BatchReply(http.Response.StatusCode, http.TraceIdentifier, document.RootElement.Clone(), wait);
    }

    [LoggerMessage(7, LogLevel.Error, "A fault of ours in {RequestId}, a request of a batch")]
    private static partial void LogFault(ILogger logger, Exception failure, string requestId);
}

/// <summary>The answer to one request of a batch.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="RequestId">Names it in the log.</param>
/// <param name="Body">Its body.</param>
/// <param name="RetryAfter">When to try again, for failures that pass.</param>
internal sealed record BatchReply(int Status, string RequestId, JsonElement Body, TimeSpan? RetryAfter)
{
    /// <summary>The error's name for programs.</summary>
    public string? Code => Body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code", out var code) ? code.GetString() : null;
}
