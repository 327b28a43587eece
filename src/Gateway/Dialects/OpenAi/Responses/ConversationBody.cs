using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Reads the bodies of the Conversations API.</summary>
public static class ConversationBody
{
    /// <summary>Under which kind conversations are kept.</summary>
    public const string Kind = "conversation";

    private const int MostItems = 20;

    /// <summary>Under which kind the items of a conversation are kept.</summary>
    public static string ItemKind(string conversation) => $"item of {conversation}";

    /// <summary>A new id of a conversation.</summary>
    public static string NewId() => ResponseId.New("conv");

    /// <summary>What a conversation is begun or changed with.</summary>
    /// <param name="body">The request's body; empty is an empty object.</param>
    /// <param name="itemsAsked">Whether <c>items</c> must be there, and nothing else may.</param>
    /// <exception cref="RejectedException">The body is malformed, or holds an item that no response could go on from.</exception>
    public static (JsonObject? Metadata, JsonArray Items) Read(ReadOnlyMemory<byte> body, bool itemsAsked)
    {
        using var document = OpenAiBody.Parse(body.IsEmpty ? "{}"u8.ToArray() : body);
        JsonObject? metadata = null;
        JsonField? items = null;
        foreach (var (key, field) in new JsonField(document.RootElement, "").Entries())
        {
            if (key == "items")
                items = field.IsNull ? null : field;
            else if (key == "metadata" && !itemsAsked)
                metadata = field.IsNull ? null : OpenAi.Metadata.Read(field);
            else
                throw field.Unknown();
        }

        if (itemsAsked && items is null)
            throw JsonField.Missing("items");
        var kept = new JsonArray();
        // Results may be of calls that are in the conversation already: that is seen when a response goes on from it.
        var read = new InputItems(anyResults: true);
        foreach (var item in items?.Items(0, MostItems) ?? [])
        {
            read.Add(item);
            kept.Add(InputItems.Kept(item.Value, ResponseId.New));
        }

        return (metadata, kept);
    }
}
