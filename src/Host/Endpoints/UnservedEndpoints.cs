using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Host.Serving;

namespace Causerie.Host.Endpoints;

/// <summary>Paths of OpenAI's that nothing here stands behind: each says why, where a program would else see a typing error.</summary>
internal static class UnservedEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (string root in (string[])["/v1", ""])
        {
            routes.MapPost(root + "/moderations", http => http.RefuseAsync(Errors.Invalid(
                "No classifier is configured here, so nothing can be moderated. Leave the check out, or send it to a server that has one.",
                null, "moderation_not_configured", 404)));
            routes.MapPost(root + "/responses/compact", http => http.RefuseAsync(Errors.Invalid(
                "This server does not compact conversations: it has no summary that only it could read. Give responses "
                + "'truncation': 'auto', or ask the model for a summary and begin a conversation with it.",
                null, "compaction_not_supported", 404)));
        }
    }
}
