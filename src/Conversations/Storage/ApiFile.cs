using System.Text.Json.Nodes;

namespace Causerie.Conversations.Storage;

/// <summary>A file that a caller keeps over an API; its bytes lie beside the database.</summary>
/// <param name="Id">Its name in the API.</param>
/// <param name="Owner">Whose it is; empty on a server without keys.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Created">When it was kept, to the second.</param>
/// <param name="Expires">When it disappears; null keeps it until it is deleted.</param>
public sealed record ApiFile(
    string Id, string Owner, string Name, string Purpose, long Bytes, DateTimeOffset Created, DateTimeOffset? Expires)
{
    /// <summary>Under which kind files are kept.</summary>
    internal const string Kind = "file";

    internal static ApiFile From(ApiObject kept)
    {
        var json = JsonNode.Parse(kept.Json)!;
        return new ApiFile(
            kept.Id, kept.Owner, (string)json["name"]!, (string)json["purpose"]!, (long)json["bytes"]!, kept.Created, kept.Expires);
    }

    internal ApiObject ToObject() => new(
        Kind, Id, Owner, Created,
        new JsonObject { ["name"] = Name, ["purpose"] = Purpose, ["bytes"] = Bytes }.ToJsonString())
    {
        Expires = Expires,
    };
}
