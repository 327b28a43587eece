using System.Collections.Immutable;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Embeddings;

/// <summary>The table of every field of a request for embeddings.</summary>
public static class EmbeddingFields
{
    private const int MostInputs = 2048; // the API's own

    private static readonly FieldTable<EmbeddingDraft> All = new(
    [
        new("model", "honoured", "The model's id; may be left out while exactly one model is served.", (draft, field) => draft.Model = field.String()),
        new("input", "honoured", "A text, token ids, or 1 to 2048 of either; none is empty, nor longer than the model's context. Token ids are read as they stand.", (draft, field) => draft.Inputs = Inputs(field)),
        new("encoding_format", "honoured", "`float`, or `base64`: little-endian f32.", (draft, field) => draft.Base64 = Format(field)),
        new("dimensions", "honoured", "1 to the model's width: the first numbers of each vector, scaled to length 1 again.", (draft, field) => draft.Dimensions = field.Integer(1)),
        new("user", "accepted", "Names the end user; says nothing about the answer.", (_, field) => field.String()),
    ]);

    /// <summary>The table as Markdown, for the documentation.</summary>
    public static string ToMarkdown() => All.ToMarkdown();

    /// <summary>The fields that are read, with what they do.</summary>
    public static IEnumerable<(string Name, string Note)> Served => All.Served;

    internal static void Read(EmbeddingDraft draft, JsonElement body) => All.Read(draft, body);

    private static ImmutableArray<EmbeddingInput> Inputs(JsonField input)
    {
        if (input.Value.ValueKind == JsonValueKind.String)
            return [Text(input)];
        if (input.Value.ValueKind != JsonValueKind.Array)
            throw input.WrongType("a text, token ids, or an array of either");
        // The first item says which of the three kinds of array it is.
        return input.Items().First().Value.ValueKind switch
        {
            JsonValueKind.Number => [Tokens(input)],
            JsonValueKind.Array => [.. input.Items(1, MostInputs).Select(Tokens)],
            _ => [.. input.Items(1, MostInputs).Select(Text)],
        };
    }

    private static EmbeddingInput Text(JsonField field) => field.String() is { Length: > 0 } text
        ? EmbeddingInput.Of(text)
        : throw field.Refuse($"'{field.Path}' is an empty text, of which there is no embedding.", "empty_string");

    private static EmbeddingInput Tokens(JsonField field) => EmbeddingInput.Of([.. field.Items().Select(id => id.Integer(0))]);

    private static bool Format(JsonField field) => field.String() switch
    {
        "float" => false,
        "base64" => true,
        var other => throw field.Refuse($"'{field.Path}' must be 'float' or 'base64', not '{other}'.", "invalid_value"),
    };
}
