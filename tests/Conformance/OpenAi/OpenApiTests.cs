using Causerie.Host.Serving;
using Causerie.Tests;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causerie.Conformance.OpenAi;

/// <summary><c>/openapi.json</c> describes every path under <c>/v1</c> that is mapped, and no other.</summary>
public sealed class OpenApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_describes_what_is_served()
    {
        await using var server = await TestServer.StartAsync(new ServerOptions { ApiKeys = ["k"] }, new ScriptedModel("m", "x"));
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "k");
        var description = await TestServer.JsonAsync(await server.Client.GetAsync("/openapi.json", Token));
        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.True(description.TryGetProperty("security", out _));
        string[] described = [.. description.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}")).Order()];
        string[] mapped = [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Select(method => $"{method} /{route.RoutePattern.RawText!.TrimStart('/').Replace("{**", "{")}"))
            .Where(route => route.Contains(" /v1/", StringComparison.Ordinal)).Order()];
        Assert.Equal(mapped, described.Where(route => route.Contains(" /v1/", StringComparison.Ordinal)));
        var fields = description.GetProperty("components").GetProperty("schemas").GetProperty("ChatCompletionRequest").GetProperty("properties");
        Assert.True(fields.TryGetProperty("tools", out _));
        Assert.False(fields.TryGetProperty("audio", out _));
        Assert.All(description.GetProperty("paths").EnumerateObject(), path => Assert.All(path.Value.EnumerateObject(), operation =>
            Assert.Equal(
                path.Name.Count(c => c == '{'),
                operation.Value.TryGetProperty("parameters", out var parameters) ? parameters.GetArrayLength() : 0)));
    }
}
