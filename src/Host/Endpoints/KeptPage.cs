using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;

namespace Causerie.Host.Endpoints;

/// <summary>How lists of kept things are asked for and told: <c>limit</c>, <c>order</c>, <c>after</c>.</summary>
/// <param name="Limit">At most so many.</param>
/// <param name="Ascending">Oldest first.</param>
/// <param name="After">The last one that the caller has seen.</param>
internal sealed record KeptPage(int Limit, bool Ascending, string? After)
{
    private const int Most = 100;

    /// <summary>Letters of every script as themselves.</summary>
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a request asks for.</summary>
    /// <param name="http">The request.</param>
    /// <param name="ascending">The order where it names none.</param>
    /// <param name="others">Other parameters that it may have, or the beginning of their names with '[' at the end.</param>
    /// <exception cref="RejectedException">A parameter is malformed or unknown.</exception>
    public static KeptPage Read(HttpContext http, bool ascending, params ReadOnlySpan<string> others)
    {
        var query = http.Request.Query;
        foreach (string name in query.Keys)
        {
            if (name is not ("limit" or "order" or "after") && !others.Contains(name) && !others.Contains(name.Split('[')[0] + "["))
                throw new RejectedException(Errors.Invalid($"'{name}' is not a parameter of this path.", name, "unknown_parameter"));
        }

        int limit = 20;
        if ((string?)query["limit"] is { } asked && !(int.TryParse(asked, out limit) && limit is >= 1 and <= Most))
            throw new RejectedException(Errors.Invalid($"'limit' must be a whole number from 1 to {Most}.", "limit", "invalid_value"));
        return (string?)query["order"] switch
        {
            null => new KeptPage(limit, ascending, query["after"]),
            "asc" => new KeptPage(limit, true, query["after"]),
            "desc" => new KeptPage(limit, false, query["after"]),
            _ => throw new RejectedException(Errors.Invalid("'order' must be 'asc' or 'desc'.", "order", "invalid_value")),
        };
    }

    /// <summary>A page of things that are given oldest first.</summary>
    /// <exception cref="RejectedException">There is nothing of the id that <see cref="After"/> names.</exception>
    public JsonObject Of(IEnumerable<JsonNode> oldestFirst)
    {
        List<JsonNode> all = [.. oldestFirst];
        if (!Ascending)
            all.Reverse();
        if (After is not null)
        {
            int at = all.FindIndex(one => (string?)one["id"] == After);
            if (at < 0)
                throw new RejectedException(Errors.Invalid($"There is nothing called '{After}' here.", "after", "invalid_value"));
            all.RemoveRange(0, at + 1);
        }

        JsonNode[] page = [.. all.Take(Limit).Select(one => one.DeepClone())];
        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(page),
            ["has_more"] = all.Count > Limit,
            ["first_id"] = (string?)page.FirstOrDefault()?["id"] ?? "",
            ["last_id"] = (string?)page.LastOrDefault()?["id"] ?? "",
        };
    }

    /// <summary>Runs an endpoint that may refuse.</summary>
    public static Task AnswerAsync(HttpContext http, Func<JsonNode> answer) => AnswerAsync(http, () => Task.FromResult(answer()));

    /// <summary>Runs an endpoint that may refuse.</summary>
    public static async Task AnswerAsync(HttpContext http, Func<Task<JsonNode>> answer)
    {
        JsonNode json;
        try
        {
            json = await answer();
        }
        catch (RejectedException refused)
        {
            await http.RefuseAsync(refused.Error);
            return;
        }

        await http.WriteJsonAsync(output => output.Write(Encoding.UTF8.GetBytes(json.ToJsonString(Relaxed))));
    }

    /// <summary>A refusal of something that is not kept.</summary>
    public static RejectedException Missing(string what, string id, string param) => new(
        Errors.Invalid($"The {what} '{id}' is not kept here.", param, $"{what.Replace(' ', '_')}_not_found", 404));

    /// <summary>The body of a request that is small.</summary>
    public static async Task<byte[]> BodyAsync(HttpContext http, ServerOptions options)
    {
        if (http.Request.ContentLength > options.MaxRequestBytes)
            throw new RejectedException(new DialectError(413, "invalid_request_error", "The body is too large.", null, "request_too_large"));
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted); // the server cuts it off at its own limit
        return body.ToArray();
    }
}
