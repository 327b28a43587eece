using System.Net.ServerSentEvents;
using Causerie.Web.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Causerie.Web.Chat;

/// <summary>The stream of events that an open page listens to.</summary>
internal static class LiveEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/page/live", async (
        HttpContext http, Live live, IHostApplicationLifetime lifetime, string? c, string? stamp) =>
    {
        // A page that listens must not hold up the end of the program.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            var items = live.Watch(Visitor.Of(http.Request), c, stamp ?? "", end.Token);
            await SseFormatter.WriteAsync(Items(items), http.Response.Body, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The page is gone, or the program ends.
        }
    });

    private static async IAsyncEnumerable<SseItem<string>> Items(IAsyncEnumerable<LiveEvent> events)
    {
        await foreach (var e in events)
            yield return new SseItem<string>(e.Data, e.Name);
    }
}
