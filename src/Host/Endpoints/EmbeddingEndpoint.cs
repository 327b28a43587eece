using Causerie.Chat;
using Causerie.Gateway.Dialects;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;
using Causerie.Host.Serving.Limits;

namespace Causerie.Host.Endpoints;

/// <summary>Serves one dialect's embeddings: reads the body, asks the model, sends the vectors.</summary>
internal sealed class EmbeddingEndpoint(
    EmbeddingDialect dialect, IEmbeddingModel embedder, IChatModel models, RateLimits limits, ServerOptions options, Stopping stopping,
    TimeProvider clock, ILogger<EmbeddingEndpoint> log)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping.Now);
        try
        {
            var body = await RequestBody.ReadAsync(http.Request, options);
            var call = dialect.Read(body, new DialectContext(clock.GetUtcNow(), models.Models));
            var answer = await embedder.EmbedAsync(call.Request, leaving.Token);
            if (http.Features.Get<Caller>() is { } caller)
                limits.Charge(Caller.AccountOf(caller.Client), answer.PromptTokens);
            await http.WriteJsonAsync(output => call.Write(answer, output));
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await http.RefuseAsync(DialectEndpoint.Describe(failure, http.TraceIdentifier, dialect.Describe, log, stopping), dialect.WriteError);
        }
    }
}
