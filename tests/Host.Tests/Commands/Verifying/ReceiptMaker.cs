using System.Net;
using System.Text.Json.Nodes;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands.Verifying;

/// <summary>A server over a data folder's models that gives receipts, as a client gets them.</summary>
internal static class ReceiptMaker
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<TestServer> ServeAsync(string data, bool all = false, LoadOptions? load = null)
    {
        var library = new ModelLibrary(async (id, file, _, _) =>
            new LocalModel(await Task.Run(() => LoadedModel.Load(file, (load ?? new LoadOptions()) with { Id = id }))));
        return TestServer.StartAsync(new ServerOptions { DataFolder = data, ReceiptsOfAll = all }, library);
    }

    /// <summary>Asks for an answer with a receipt, and fetches it.</summary>
    public static async Task<byte[]> AskAsync(TestServer server, JsonObject request)
    {
        var asked = (JsonObject)request.DeepClone();
        asked["receipt"] = true;
        var response = await server.PostAsync(asked.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await TestServer.JsonAsync(response);
        return await server.Client.GetByteArrayAsync(
            $"/v1/receipts/{answer.GetProperty("receipt_id").GetString()}", Token);
    }

    /// <summary>A request; which tokens it may end with is left to a model of random weights.</summary>
    public static JsonObject Request(string model, string text, int maxTokens, double temperature = 1, long? seed = null)
    {
        var request = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
            ["max_tokens"] = maxTokens,
            ["temperature"] = temperature,
        };
        if (seed is { } number)
            request["seed"] = number;
        return request;
    }
}
