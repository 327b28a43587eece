using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>How responses are kept.</summary>
public static class StoredResponse
{
    /// <summary>The kind of responses with their input: <c>{"response", "input"}</c>.</summary>
    public const string Kind = "response";

    /// <summary>The media type of their events.</summary>
    public const string EventsContentType = EventStream.ContentType;

    /// <summary>The kind of the items of their output, one by one, for references.</summary>
    public const string ItemKind = "response item";

    /// <summary>What is kept of a response that is complete.</summary>
    /// <param name="response">The response.</param>
    /// <param name="input">The request's own items.</param>
    /// <param name="draft">Says whether it is kept, and in which conversation.</param>
    internal static ImmutableArray<DialectObject> Of(JsonNode response, JsonArray input, ResponseDraft draft)
    {
        var kept = ImmutableArray.CreateBuilder<DialectObject>();
        var output = response["output"]!.AsArray();
        if (draft.Store)
        {
            var whole = new JsonObject { ["response"] = response, ["input"] = input.DeepClone() };
            kept.Add(new DialectObject(Kind, (string)response["id"]!, whole.ToJsonString()));
            foreach (var item in output)
                kept.Add(new DialectObject(ItemKind, (string)item!["id"]!, item.ToJsonString()));
        }

        if (draft.Conversation is { } conversation)
        {
            foreach (var item in input.Concat(output))
                kept.Add(new DialectObject(ConversationBody.ItemKind(conversation), (string)item!["id"]!, item.ToJsonString()));
        }

        return kept.ToImmutable();
    }
}
