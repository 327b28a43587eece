using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Endpoints;

/// <summary>What a dialect may know of the server for one caller.</summary>
internal static class Known
{
    /// <summary>The time, the models, and what the caller of <paramref name="http"/> has kept.</summary>
    public static DialectContext To(HttpContext http, IChatModel model, ApiObjects objects, TimeProvider clock)
    {
        string owner = Caller.OwnerOf(http);
        return new DialectContext(clock.GetUtcNow(), model.Models)
        {
            Stored = (kind, id) => objects.Find(kind, id, owner)?.Json,
            AllStored = kind => [.. objects.List(kind, owner, null, int.MaxValue, ascending: true).Select(one => one.Json)],
        };
    }
}
