using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;

namespace Causerie.Host.Serving.Background;

/// <summary>What is kept of an answer as long as it is being made, so that the next server can make it again, word for word.</summary>
/// <param name="Id">The answer's id.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Dialect">The name of the API that was asked.</param>
/// <param name="Body">The request's body.</param>
/// <param name="Created">When it came.</param>
/// <param name="Client">Who asks, as the engine knows it.</param>
/// <param name="Scope">Whose prompts may speed it up.</param>
/// <param name="Model">The model that is asked.</param>
/// <param name="Seeds">Each request's seed.</param>
/// <param name="Known">What its reader looked up.</param>
/// <param name="Attempts">How many servers have gone on with it since one ended as it was told to.</param>
internal sealed record BackgroundTicket(
    string Id, string Owner, string Dialect, string Body, DateTimeOffset Created, string Client, string Scope, string Model,
    ImmutableArray<ulong> Seeds, Recollection Known, int Attempts)
{
    /// <summary>Under which kind tickets are kept.</summary>
    public const string Kind = "answer at work";

    /// <summary>The ticket of an answer that begins.</summary>
    /// <param name="call">The call.</param>
    /// <param name="requests">What is asked of the model, seeds included.</param>
    /// <param name="dialect">The API.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="known">What its reader looked up.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="created">When it came.</param>
    public static BackgroundTicket Begin(
        BackgroundCall call, ImmutableArray<ChatRequest> requests, Dialect dialect, ReadOnlyMemory<byte> body, Recollection known, string owner,
        DateTimeOffset created) => new(
            call.Now.Id, owner, dialect.Name, Encoding.UTF8.GetString(body.Span), created, requests[0].Client, requests[0].Scope, requests[0].Model,
            [.. requests.Select(request => request.Sampling.Seed!.Value)], known, 0);

    /// <summary>Reads the request again, as it was read then.</summary>
    /// <exception cref="RejectedException">This version refuses what the one before took.</exception>
    /// <exception cref="FormatException">It asks for something else than its fields say.</exception>
    public (BackgroundCall Call, ImmutableArray<ChatRequest> Requests) Read(Dialect dialect, IReadOnlyList<ModelCard> models)
    {
        var context = Known.Answer(new DialectContext(Created, models) { AnswerId = Id });
        if (dialect.Read(Encoding.UTF8.GetBytes(Body), context) is not BackgroundCall call || call.Requests.Length != Seeds.Length)
            throw new FormatException($"The ticket of {Id} is none of an answer in the background with {Seeds.Length} seeds.");
        return (call, [.. call.Requests.Select((request, i) => request with
        {
            Model = Model,
            Client = Client,
            Scope = Scope,
            Sampling = request.Sampling with { Seed = Seeds[i] },
        })]);
    }

    /// <summary>A ticket that was kept.</summary>
    /// <exception cref="FormatException">It is none that this version can read.</exception>
    public static BackgroundTicket From(ApiObject kept)
    {
        try
        {
            return Read(kept, JsonNode.Parse(kept.Json) as JsonObject ?? throw new FormatException("It is no object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The ticket of {kept.Id} is none that this version can read.", e);
        }
    }

    private static BackgroundTicket Read(ApiObject kept, JsonObject json) => new(
        kept.Id, kept.Owner, Text(json, "dialect"), Text(json, "body"), kept.Created, Text(json, "client"), Text(json, "scope"),
        Text(json, "model"), [.. Field(json, "seeds").AsArray().Select(seed => ulong.Parse((string?)seed ?? "", CultureInfo.InvariantCulture))],
        Recollection.From(Field(json, "known")), (int)Field(json, "attempts"));

    private static string Text(JsonObject json, string field) => (string)Field(json, field)!;

    private static JsonNode Field(JsonObject json, string field) => json[field] ?? throw new FormatException($"It has no {field}.");

    /// <summary>It, to be kept.</summary>
    public ApiObject ToObject() => new(Kind, Id, Owner, Created, new JsonObject
    {
        ["dialect"] = Dialect,
        ["body"] = Body,
        ["client"] = Client,
        ["scope"] = Scope,
        ["model"] = Model,
        ["seeds"] = new JsonArray([.. Seeds.Select(seed => (JsonNode?)seed.ToString(CultureInfo.InvariantCulture))]),
        ["known"] = Known.ToJson(),
        ["attempts"] = Attempts,
    }.ToJsonString());
}
