using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>How lists of kept things are asked for and told: <c>limit</c>, <c>order</c>, <c>after</c>.</summary>
/// <param name="Limit">At most so many.</param>
/// <param name="Ascending">Oldest first.</param>
/// <param name="After">The last one that the caller has seen.</param>
internal sealed record KeptPage(int Limit, bool Ascending, string? After)
{
    private const int MostOfAll = 100;
    private const int Usual = 20;

    /// <summary>What a request asks for.</summary>
    /// <param name="http">The request.</param>
    /// <param name="ascending">The order where it names none.</param>
    /// <param name="others">Other parameters that it may have, or the beginning of their names with '[' at the end.</param>
    /// <exception cref="RejectedException">A parameter is malformed or unknown.</exception>
    public static KeptPage Read(HttpContext http, bool ascending, params ReadOnlySpan<string> others) =>
        Read(http, ascending, MostOfAll, Usual, others);

    /// <summary>What a request asks for, where a page may be of another length.</summary>
    /// <param name="http">The request.</param>
    /// <param name="ascending">The order where it names none.</param>
    /// <param name="most">The longest page.</param>
    /// <param name="usual">Its length where the request names none.</param>
    /// <param name="others">Other parameters that it may have, or the beginning of their names with '[' at the end.</param>
    /// <exception cref="RejectedException">A parameter is malformed or unknown.</exception>
    public static KeptPage Read(HttpContext http, bool ascending, int most, int usual, params ReadOnlySpan<string> others)
    {
        var query = http.Request.Query;
        foreach (string name in query.Keys)
        {
            if (name is not ("limit" or "order" or "after") && !others.Contains(name) && !others.Contains(name.Split('[')[0] + "["))
                throw new RejectedException(Errors.Invalid($"'{name}' is not a parameter of this path.", name, "unknown_parameter"));
        }

        int limit = usual;
        if ((string?)query["limit"] is { } asked && !(int.TryParse(asked, out limit) && limit >= 1 && limit <= most))
            throw new RejectedException(Errors.Invalid($"'limit' must be a whole number from 1 to {most}.", "limit", "invalid_value"));
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
            all.RemoveRange(0, at < 0 ? throw NotHere() : at + 1);
        }

        return Told(all.Take(Limit + 1));
    }

    /// <summary>A page of what a caller keeps; no more is read than it holds.</summary>
    /// <param name="http">The request, whose owner's it is.</param>
    /// <param name="objects">Where it is kept.</param>
    /// <param name="kind">Under which kind.</param>
    /// <param name="shape">What is told of each; null leaves it out.</param>
    /// <exception cref="RejectedException">There is nothing of the id that <see cref="After"/> names.</exception>
    public JsonObject Of(HttpContext http, ApiObjects objects, string kind, Func<JsonNode, JsonNode?> shape)
    {
        string owner = Caller.OwnerOf(http);
        return Of(
            after => objects.Find(kind, after, owner) is not null,
            objects.Walk(kind, owner, After, Ascending).Select(one => shape(JsonNode.Parse(one.Json)!)).OfType<JsonNode>());
    }

    /// <summary>A page of things that are read as they are walked through.</summary>
    /// <param name="isHere">Whether there is one of an id.</param>
    /// <param name="behind">Those behind <see cref="After"/>, in the order that is asked for.</param>
    /// <exception cref="RejectedException">There is nothing of the id that <see cref="After"/> names.</exception>
    public JsonObject Of(Func<string, bool> isHere, IEnumerable<JsonNode> behind) =>
        After is null || isHere(After) ? Told(behind.Take(Limit + 1)) : throw NotHere();

    // One more than the page holds tells whether there are more.
    private JsonObject Told(IEnumerable<JsonNode> found)
    {
        List<JsonNode> page = [.. found.Select(one => one.DeepClone())];
        bool more = page.Count > Limit;
        if (more)
            page.RemoveAt(Limit);
        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. page]),
            ["has_more"] = more,
            ["first_id"] = (string?)page.FirstOrDefault()?["id"] ?? "",
            ["last_id"] = (string?)page.LastOrDefault()?["id"] ?? "",
        };
    }

    private RejectedException NotHere() =>
        new(Errors.Invalid($"There is nothing called '{After}' here.", "after", "invalid_value"));

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

        await http.WriteJsonAsync(json);
    }

    /// <summary>A refusal of something that is not kept.</summary>
    public static RejectedException Missing(string what, string id, string param) => new(
        Errors.Invalid($"The {what} '{id}' is not kept here.", param, $"{what.Replace(' ', '_')}_not_found", 404));
}
