using Causerie.Host.Serving.Measures;

namespace Causerie.Host.Endpoints;

/// <summary>The measures, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, PrometheusText measures) =>
        routes.MapGet("/metrics", (HttpContext http) =>
        {
            http.Response.ContentType = PrometheusText.ContentType;
            return http.Response.WriteAsync(measures.Write(), http.RequestAborted);
        });
}
