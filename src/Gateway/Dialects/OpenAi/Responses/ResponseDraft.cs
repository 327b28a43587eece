using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Responses;

/// <summary>A request for a response while its fields are being read.</summary>
internal sealed class ResponseDraft
{
    private const int LongestChain = 1000;

    public string? Model { get; set; }

    public JsonField? Input { get; set; }

    public string? Instructions { get; set; }

    public SamplingOptions Sampling { get; set; } = SamplingOptions.ModelDefault;

    public int? MaxOutputTokens { get; set; }

    public bool Stream { get; set; }

    public bool Store { get; set; } = true;

    public bool Background { get; set; }

    public string? Previous { get; set; }

    /// <summary>The conversation that the response goes on with and is added to.</summary>
    public string? Conversation { get; set; }

    public AnswerGrammar? Grammar { get; set; }

    public JsonNode Format { get; set; } = new JsonObject { ["type"] = "text" };

    public ImmutableArray<ChatTool> Tools { get; set; } = [];

    public ToolChoice ToolChoice { get; set; } = ToolChoice.Auto;

    public bool ParallelToolCalls { get; set; } = true;

    public string? Effort { get; set; }

    public bool IncludeLogProbs { get; set; }

    public int? TopLogProbs { get; set; }

    public bool Receipt { get; set; }

    /// <summary>Whether the oldest turns may go where the conversation does not fit.</summary>
    public bool Truncates { get; set; }

    /// <summary>What the answer repeats of the request, as it was written.</summary>
    public Dictionary<string, JsonNode?> Echo { get; } = new(StringComparer.Ordinal);

    public ResponseCall Finish(DialectContext context)
    {
        string id = context.AnswerId ?? ResponseId.New("resp");
        var (request, own) = Request(context, Input ?? throw JsonField.Missing("input"), id);
        return new ResponseCall(request, this, own, context.Now, id);
    }

    /// <summary>What would be asked of the model; to count it there need be no new input.</summary>
    public ChatRequest ToCount(DialectContext context) => Request(context, Input, "").Request;

    private (ChatRequest Request, JsonArray Own) Request(DialectContext context, JsonField? input, string id)
    {
        var items = new InputItems();
        if (Instructions is not null)
            items.AddInstructions(Instructions);
        foreach (var earlier in Conversation is null ? Chain(context) : Earlier(context, Conversation))
            items.Add(earlier);
        var own = new JsonArray();
        foreach (var sent in input is { } all ? Items(all) : [])
        {
            var item = Resolved(sent, context);
            items.Add(item);
            own.Add(InputItems.Kept(item.Value, kind => ResponseId.Of(kind, id, $"input {own.Count}")));
        }

        if (Background && !Store)
        {
            throw new RejectedException(Errors.Invalid(
                "A response that is made in the background must be kept: 'store' may not be false.", "background", "invalid_value"));
        }

        OpenAi.Tools.Check(Tools, ToolChoice);
        if (items.Messages.IsEmpty)
            throw input?.Refuse("'input' holds no item.", "empty_array") ?? JsonField.Missing("input");
        var request = new ChatRequest
        {
            Model = Model ?? ChatDraft.TheOnlyModel(context),
            Messages = items.Messages,
            Sampling = Sampling,
            MaxTokens = MaxOutputTokens,
            Grammar = Grammar,
            Tools = Tools,
            ToolChoice = ToolChoice,
            ParallelToolCalls = ParallelToolCalls,
            ReasoningEffort = Effort,
            LogProbs = IncludeLogProbs || TopLogProbs is > 0 ? TopLogProbs ?? 0 : null,
            Receipt = Receipt,
            DropsOldest = Truncates,
        };
        return (request, own);
    }

    private List<JsonField> Earlier(DialectContext context, string conversation)
    {
        if (Previous is not null)
        {
            throw new RejectedException(Errors.Invalid(
                "Give 'conversation' or 'previous_response_id', not both.", "conversation", "invalid_value"));
        }

        if (context.Stored(ConversationBody.Kind, conversation) is null)
        {
            throw new RejectedException(Errors.Invalid(
                $"The conversation '{conversation}' is not kept here.", "conversation", "conversation_not_found", 404));
        }

        return [.. context.AllStored(ConversationBody.ItemKind(conversation))
            .Select(item => new JsonField(JsonSerializer.Deserialize<JsonElement>(item), "conversation"))];
    }

    private static IEnumerable<JsonField> Items(JsonField input) => input.Value.ValueKind == JsonValueKind.String
        ? [new JsonField(JsonSerializer.SerializeToElement(new { role = "user", content = input.String() }), "input")]
        : input.Items(0);

    /// <summary>What an item stands for: itself, or one that was kept with an earlier response.</summary>
    private static JsonField Resolved(JsonField item, DialectContext context)
    {
        if (item.Value.ValueKind != JsonValueKind.Object || !item.Value.TryGetProperty("type", out var type) ||
            type.ValueKind != JsonValueKind.String || !type.ValueEquals("item_reference"))
            return item;
        JsonField? id = null;
        foreach (var (key, field) in item.Entries())
        {
            if (key == "id")
                id = field;
            else if (key != "type")
                throw field.Unknown();
        }

        string name = (id ?? throw JsonField.Missing($"{item.Path}.id")).String();
        return context.Stored(StoredResponse.ItemKind, name) is { } kept
            ? item with { Value = JsonSerializer.Deserialize<JsonElement>(kept) }
            : throw id.Value.Refuse($"The item '{name}' is not kept here.", "item_not_found");
    }

    /// <summary>Items of the responses before this one, oldest first.</summary>
    private List<JsonField> Chain(DialectContext context)
    {
        var responses = new Stack<JsonElement>();
        string? id = Previous;
        while (id is not null)
        {
            if (context.Stored(StoredResponse.Kind, id) is not { } kept)
            {
                throw new RejectedException(Errors.Invalid(
                    $"The response '{id}' is not kept here.", "previous_response_id", "previous_response_not_found", 400));
            }

            if (responses.Count == LongestChain)
            {
                throw new RejectedException(Errors.Invalid(
                    $"More than {LongestChain} responses stand before this one.", "previous_response_id", "invalid_value"));
            }

            using var document = JsonDocument.Parse(kept);
            responses.Push(document.RootElement.Clone());
            id = responses.Peek().GetProperty("response").GetProperty("previous_response_id").GetString();
        }

        return
        [
            .. responses.SelectMany(one => one.GetProperty("input").EnumerateArray()
                    .Concat(one.GetProperty("response").GetProperty("output").EnumerateArray()))
                .Select(item => new JsonField(item, "previous_response_id")),
        ];
    }
}
