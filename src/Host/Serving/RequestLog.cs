using System.Security.Cryptography;
using Causerie.Host.Serving.Measures;

namespace Causerie.Host.Serving;

/// <summary>Gives each request its id, counts it, and leaves one line about it.</summary>
internal sealed partial class RequestLog(
    RequestDelegate next, ServerMeter meter, TimeProvider clock, ILogger<RequestLog> log)
{
    public const string Header = "x-request-id";

    public async Task InvokeAsync(HttpContext http)
    {
        string id = "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        http.TraceIdentifier = id;
        http.Response.Headers[Header] = id;
        long began = clock.GetTimestamp();
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Whatever broke then, it broke because the caller left.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            LogFault(log, failure, id);
            http.Response.Headers.Remove("Allow");
            await http.RefuseAsync(Gateway.Dialects.OpenAi.Errors.Describe(failure));
        }
        finally
        {
            int status = http.RequestAborted.IsCancellationRequested
                ? StatusCodes.Status499ClientClosedRequest
                : http.Response.StatusCode;
            string route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "other";
            meter.Request(http.Request.Method, route, status);
            LogRequest(
                log, http.Request.Method, http.Request.Path, status,
                (long)clock.GetElapsedTime(began).TotalMilliseconds, id);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} {Status} {Milliseconds} ms {RequestId}")]
    private static partial void LogRequest(
        ILogger logger, string method, string path, int status, long milliseconds, string requestId);

    [LoggerMessage(2, LogLevel.Error, "A fault of ours in {RequestId}")]
    private static partial void LogFault(ILogger logger, Exception failure, string requestId);
}
