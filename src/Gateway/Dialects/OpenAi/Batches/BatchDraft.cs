using System.Text.Json.Nodes;
using Causerie.Gateway.Dialects.OpenAi.Files;

namespace Causerie.Gateway.Dialects.OpenAi.Batches;

/// <summary>What a batch is begun with.</summary>
/// <param name="InputFileId">The file of requests.</param>
/// <param name="Endpoint">Where each of them goes.</param>
/// <param name="Metadata">Texts that are kept and given back.</param>
/// <param name="OutputLifetime">How long the files that it writes are kept; null keeps them until they are deleted.</param>
public sealed record BatchDraft(string InputFileId, string Endpoint, JsonObject? Metadata, TimeSpan? OutputLifetime)
{
    /// <summary>The one window that there is.</summary>
    public const string Window = "24h";

    /// <summary>Reads the body of a request.</summary>
    /// <param name="body">The body.</param>
    /// <param name="endpoints">Where requests may go.</param>
    /// <exception cref="RejectedException">A field is missing, unknown or malformed.</exception>
    public static BatchDraft Read(ReadOnlyMemory<byte> body, IReadOnlyCollection<string> endpoints)
    {
        using var document = OpenAiBody.Parse(body);
        string? input = null, endpoint = null, window = null;
        JsonObject? metadata = null;
        TimeSpan? lifetime = null;
        foreach (var (key, field) in new JsonField(document.RootElement, "").Entries())
        {
            if (key is not ("input_file_id" or "endpoint" or "completion_window" or "metadata" or "output_expires_after"))
                throw field.Unknown();
            if (field.IsNull)
                continue;
            switch (key)
            {
                case "input_file_id":
                    input = field.String();
                    break;
                case "endpoint":
                    endpoint = endpoints.Contains(field.String()) ? field.String() : throw field.Refuse(
                        $"'endpoint' must be one of {string.Join(", ", endpoints)}, not '{field.String()}'.", "invalid_value");
                    break;
                case "completion_window":
                    window = field.String() == Window ? Window : throw field.Refuse($"'completion_window' must be '{Window}'.", "invalid_value");
                    break;
                case "metadata":
                    metadata = OpenAi.Metadata.Read(field);
                    break;
                default:
                    lifetime = ExpiresAfter.Read(field);
                    break;
            }
        }

        _ = window ?? throw JsonField.Missing("completion_window");
        return new BatchDraft(
            input ?? throw JsonField.Missing("input_file_id"), endpoint ?? throw JsonField.Missing("endpoint"), metadata, lifetime);
    }
}
