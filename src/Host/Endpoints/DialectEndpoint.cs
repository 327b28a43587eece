using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Background;

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
            var body = await RequestBody.ReadAsync(http.Request, options);
            var context = Known.To(http, model, objects, clock);
            var known = new Recollection();
            var call = dialect.Read(body, known.Listen(context));
            var requests = http.Features.Get<Caller>() is { } caller
                ? [.. call.Requests.Select(request => request with { Client = caller.Client, Scope = caller.Scope, IsPatient = caller.IsPatient })]
                : call.Requests;
            if (call is BackgroundCall { IsBackground: true } later)
            {
                requests = BackgroundAnswers.Seeded(requests);
                var ticket = BackgroundTicket.Begin(later, requests, dialect, body, known, Caller.OwnerOf(http), context.Now);
                await StartAsync(http, later, background.Start(later, requests, ticket), leaving.Token);
            }
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

    private static async Task StartAsync(HttpContext http, BackgroundCall call, BackgroundEntry entry, CancellationToken cancellationToken)
    {
        if (call.Streams)
        {
            Begin(http.Response, call);
            await ResponseEndpoints.SendAsync(http, entry.FollowAsync(-1, cancellationToken), cancellationToken);
            return;
        }

        await http.WriteJsonAsync(JsonNode.Parse(entry.Now())!["response"]!);
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

    private DialectError Describe(Exception failure, HttpContext http) => Describe(failure, http.TraceIdentifier, dialect.Describe, log, stopping);

    /// <summary>What the caller is told of a failure; the log is told of those that are ours.</summary>
    internal static DialectError Describe(
        Exception failure, string requestId, Func<Exception, DialectError> inWords, ILogger log, Stopping? stopping = null)
    {
        if (failure is OperationCanceledException && stopping?.Now.IsCancellationRequested == true)
        {
            failure = new ChatException(
                ChatErrorKind.Unavailable, "The server is shutting down. Ask again when it is back.");
        }

        var error = inWords(failure);
        if (error.Status >= 500)
            LogFailure(log, failure, requestId);

        // A stream's headers are sent by then, and people copy messages, not headers.
        return error.Status == 500
            ? error with { Message = $"{error.Message} (request {requestId})" }
            : error;
    }

    [LoggerMessage(3, LogLevel.Error, "The answer to {RequestId} failed")]
    private static partial void LogFailure(ILogger logger, Exception failure, string requestId);
}
