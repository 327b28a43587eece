using System.Text;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi.Batches;

/// <summary>One request of a batch: a line of its input file.</summary>
/// <param name="CustomId">What its caller calls it.</param>
/// <param name="Body">The body, as if it had been posted.</param>
/// <param name="Model">The model that the body names.</param>
public sealed record BatchLine(string CustomId, ReadOnlyMemory<byte> Body, string? Model)
{
    private const int LongestId = 512; // characters

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="endpoint">Where the batch's requests go.</param>
    /// <exception cref="RejectedException">The line is malformed.</exception>
    public static BatchLine Read(ReadOnlyMemory<byte> line, string endpoint)
    {
        using var document = Parse(line);
        string? id = null, method = null, url = null, model = null;
        byte[]? body = null;
        foreach (var (key, field) in new JsonField(document.RootElement, "").Entries())
        {
            switch (key)
            {
                case "custom_id":
                    id = field.String().Length is > 0 and <= LongestId ? field.String()
                        : throw field.Refuse($"'custom_id' must have 1 to {LongestId} characters.", "invalid_value");
                    break;
                case "method":
                    method = field.String() == "POST" ? "POST" : throw field.Refuse("'method' must be 'POST'.", "invalid_method");
                    break;
                case "url":
                    url = field.String() == endpoint ? endpoint
                        : throw field.Refuse($"'url' must be the batch's endpoint, '{endpoint}', not '{field.String()}'.", "invalid_url");
                    break;
                case "body":
                    model = CheckBody(field);
                    body = Encoding.UTF8.GetBytes(field.Value.GetRawText());
                    break;
                default:
                    throw field.Unknown();
            }
        }

        _ = method ?? throw JsonField.Missing("method");
        _ = url ?? throw JsonField.Missing("url");
        return new BatchLine(id ?? throw JsonField.Missing("custom_id"), body ?? throw JsonField.Missing("body"), model);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return OpenAiBody.Parse(line);
        }
        catch (RejectedException failure) when (failure.Error.Code == "invalid_json")
        {
            throw new RejectedException(Errors.Invalid(
                failure.Message.Replace("The body", "The line", StringComparison.Ordinal), null, "invalid_json_line"));
        }
    }

    // Nobody follows a stream of a batch, and its requests are all in the background.
    private static string? CheckBody(JsonField body)
    {
        string? model = null;
        foreach (var (key, field) in body.Entries())
        {
            if (key is "stream" or "background" && field.Value.ValueKind == JsonValueKind.True)
                throw field.Refuse($"'{field.Path}' cannot be true in a batch.", "unsupported_value");
            if (key == "model" && field.Value.ValueKind == JsonValueKind.String)
                model = field.String();
        }

        return model;
    }
}
