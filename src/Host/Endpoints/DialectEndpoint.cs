using System.Buffers;
using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Causerie.Host.Endpoints;

/// <summary>Serves one dialect: reads the body, asks the model, sends the answer whole or as it is written.</summary>
internal sealed partial class DialectEndpoint(
    Dialect dialect, IChatModel model, ApiObjects objects, BackgroundAnswers background, ServerOptions options, Stopping stopping, TimeProvider clock,
    ILogger<DialectEndpoint> log)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping.Now);
        try
        {
            var body = await ReadBodyAsync(http.Request, options);
            var call = dialect.Read(body, new DialectContext(clock.GetUtcNow(), model.Models)
            {
                Stored = (kind, id) => objects.Find(kind, id, Caller.OwnerOf(http))?.Json,
                AllStored = kind =>
                    [.. objects.List(kind, Caller.OwnerOf(http), null, int.MaxValue, ascending: true).Select(one => one.Json)],
            });
            var requests = http.Features.Get<Caller>() is { } caller
                ? [.. call.Requests.Select(request => request with { Client = caller.Client, Scope = caller.Scope })]
                : call.Requests;
            if (call is BackgroundCall { IsBackground: true } later)
                await StartAsync(http, later, requests, leaving.Token);
            else if (call.Streams)
                await StreamAsync(http, call, requests, leaving);
            else
                await AnswerAsync(http, call, requests, leaving.Token);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await http.RefuseAsync(Describe(failure, http), dialect.WriteError);
        }
    }

    private async Task StartAsync(
        HttpContext http, BackgroundCall call, ImmutableArray<ChatRequest> requests, CancellationToken cancellationToken)
    {
        var entry = background.Start(call, requests, Caller.OwnerOf(http), failure => Describe(failure, http));
        if (call.Streams)
        {
            Begin(http.Response, call);
            await ResponseEndpoints.FollowAsync(http, entry, -1, cancellationToken);
            return;
        }

        string now = System.Text.Json.Nodes.JsonNode.Parse(entry.Now())!["response"]!.ToJsonString();
        await http.WriteJsonAsync(output => output.Write(System.Text.Encoding.UTF8.GetBytes(now)));
    }

    private async Task AnswerAsync(
        HttpContext http, DialectCall call, ImmutableArray<ChatRequest> requests, CancellationToken cancellationToken)
    {
        var answers = await ChatAnswer.CollectAsync(
            Choices.StreamAsync(model, requests, cancellationToken), requests.Length, cancellationToken);
        var whole = new ArrayBufferWriter<byte>();
        call.WriteWhole(answers, whole);
        Keep(http, call);
        await http.WriteJsonAsync(output => output.Write(whole.WrittenSpan));
    }

    private async Task StreamAsync(
        HttpContext http, DialectCall call, ImmutableArray<ChatRequest> requests, CancellationTokenSource leaving)
    {
        await using var events = Choices.StreamAsync(model, requests, leaving.Token).GetAsyncEnumerator(leaving.Token);
        ChatEvent? latest = null;
        int finished = 0;
        try
        {
            Task<bool> next = events.MoveNextAsync().AsTask();
            while (true)
            {
                bool silent = await IsSilentAsync(next);
                if (!silent && !await next)
                    break;
                if (!http.Response.HasStarted)
                    Begin(http.Response, call);
                if (silent)
                {
                    call.WriteKeepAlive(latest, http.Response.BodyWriter);
                }
                else
                {
                    (int choice, latest) = events.Current;
                    finished += latest is ChatFinished ? 1 : 0;
                    call.WriteEvent(choice, latest, http.Response.BodyWriter);
                    if (finished == requests.Length && latest is ChatFinished)
                        Keep(http, call); // before the caller can know that it is there
                    next = events.MoveNextAsync().AsTask();
                }

                await FlushAsync(http, next, leaving);
            }

            if (finished < requests.Length)
                throw new ChatException(ChatErrorKind.Internal, "The model stopped without finishing its answer.");
        }
        catch (Exception failure) when (http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            call.WriteFailure(Describe(failure, http), http.Response.BodyWriter);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
    }

    private void Keep(HttpContext http, DialectCall call)
    {
        if (call.Kept is { Length: > 0 } kept)
            objects.Put([.. kept.Select(one => new ApiObject(one.Kind, one.Id, Caller.OwnerOf(http), clock.GetUtcNow(), one.Json))]);
    }

    private async Task<bool> IsSilentAsync(Task<bool> next)
    {
        if (next.IsCompleted)
            return false;
        try
        {
            await ((Task)next).WaitAsync(options.KeepAlive, clock);
            return false;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return true;
        }
        catch (Exception) when (next.IsCompleted)
        {
            return false;
        }
    }

    // An enumerator may not be disposed while it runs, so a failed write first stops the model.
    private static async Task FlushAsync(HttpContext http, Task next, CancellationTokenSource leaving)
    {
        try
        {
            await http.Response.BodyWriter.FlushAsync(leaving.Token);
        }
        catch
        {
            await leaving.CancelAsync();
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static void Begin(HttpResponse response, DialectCall call)
    {
        response.ContentType = call.StreamContentType;
        response.Headers.CacheControl = "no-cache";
        // Asks reverse proxies not to gather events.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>The body of a request.</summary>
    /// <exception cref="RejectedException">It is no JSON by its own word, or too large.</exception>
    internal static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpRequest request, ServerOptions options)
    {
        if (!request.HasJsonContentType())
        {
            throw Reject(
                415, $"The content type must be application/json, not '{request.ContentType ?? "none"}'.",
                "unsupported_content_type");
        }

        if (request.Headers.ContainsKey(HeaderNames.ContentEncoding))
            throw Reject(415, "Compressed bodies are not supported.", "unsupported_content_encoding");
        // Kestrel's own limit cuts the connection before the client can read why; it drains what is refused here.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (request.ContentLength > options.MaxRequestBytes)
            throw TooLarge(options);
        try
        {
            var body = new ArrayBufferWriter<byte>((int)Math.Max(request.ContentLength ?? 0, 256));
            int read;
            while ((read = await request.Body.ReadAsync(body.GetMemory(4096), request.HttpContext.RequestAborted)) > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > options.MaxRequestBytes)
                    throw TooLarge(options);
            }

            return body.WrittenMemory;
        }
        catch (BadHttpRequestException failure)
        {
            throw Reject(failure.StatusCode, $"The body could not be read: {failure.Message}", "bad_request");
        }
    }

    private static RejectedException TooLarge(ServerOptions options) => Reject(
        413, $"The body is larger than the {options.MaxRequestBytes:N0} bytes that this server takes.",
        "request_too_large");

    private static RejectedException Reject(int status, string message, string code) =>
        new(new DialectError(status, "invalid_request_error", message, null, code));

    private DialectError Describe(Exception failure, HttpContext http) => Describe(failure, http, dialect.Describe, stopping, log);

    /// <summary>What the caller is told of a failure; the log is told of those that are ours.</summary>
    internal static DialectError Describe(
        Exception failure, HttpContext http, Func<Exception, DialectError> inWords, Stopping stopping, ILogger log)
    {
        if (failure is OperationCanceledException && stopping.Now.IsCancellationRequested)
        {
            failure = new ChatException(
                ChatErrorKind.Unavailable, "The server is shutting down. Ask again when it is back.");
        }

        var error = inWords(failure);
        if (error.Status >= 500)
            LogFailure(log, failure, http.TraceIdentifier);

        // A stream's headers are sent by then, and people copy messages, not headers.
        return error.Status == 500
            ? error with { Message = $"{error.Message} (request {http.TraceIdentifier})" }
            : error;
    }

    [LoggerMessage(3, LogLevel.Error, "The answer to {RequestId} failed")]
    private static partial void LogFailure(ILogger logger, Exception failure, string requestId);
}
