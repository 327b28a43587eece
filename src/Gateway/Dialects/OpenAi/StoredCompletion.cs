using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Reads what kept completions are changed with.</summary>
public static class StoredCompletion
{
    /// <summary>Under which kind they are kept.</summary>
    public const string Kind = ChatCall.Kind;

    /// <summary>The new metadata.</summary>
    /// <exception cref="RejectedException">The body is malformed, or holds something else.</exception>
    public static JsonObject ReadMetadata(ReadOnlyMemory<byte> body)
    {
        using var document = OpenAiBody.Parse(body);
        JsonObject? metadata = null;
        foreach (var (key, field) in new JsonField(document.RootElement, "").Entries())
        {
            metadata = key != "metadata" ? throw field.Unknown()
                : field.IsNull ? [] : Metadata.Read(field);
        }

        return metadata ?? throw JsonField.Missing("metadata");
    }
}
