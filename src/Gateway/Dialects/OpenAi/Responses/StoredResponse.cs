namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>Under which kinds responses are kept.</summary>
public static class StoredResponse
{
    /// <summary>Responses with their input: <c>{"response", "input"}</c>.</summary>
    public const string Kind = "response";

    /// <summary>The media type of their events.</summary>
    public const string EventsContentType = EventStream.ContentType;

    /// <summary>The items of their output, one by one, for references.</summary>
    public const string ItemKind = "response item";
}
