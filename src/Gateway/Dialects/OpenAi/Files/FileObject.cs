using System.Text.Json.Nodes;

namespace Causerie.Gateway.Dialects.OpenAi.Files;

/// <summary>Files as the API tells them, and what they may be for.</summary>
public static class FileObject
{
    /// <summary>The purpose of a file of requests.</summary>
    public const string Batch = "batch";

    /// <summary>The purpose of a file that a batch wrote.</summary>
    public const string BatchOutput = "batch_output";

    private const string UserData = "user_data";

    /// <summary>Checks the purpose of a file that is sent.</summary>
    /// <exception cref="RejectedException">Nothing here would read such a file, or the API knows no such purpose.</exception>
    public static string CheckPurpose(string purpose) => purpose switch
    {
        Batch or UserData => purpose,
        "assistants" or "fine-tune" or "vision" or "evals" => throw new RejectedException(Errors.Invalid(
            $"Files for '{purpose}' are not supported: nothing here reads them. Use '{Batch}' or '{UserData}'.", "purpose", "unsupported_value")),
        _ => throw new RejectedException(Errors.Invalid(
            $"'purpose' must be '{Batch}' or '{UserData}', not '{purpose}'.", "purpose", "invalid_value")),
    };

    /// <summary>A file.</summary>
    public static JsonObject Of(string id, string name, string purpose, long bytes, DateTimeOffset created, DateTimeOffset? expires)
    {
        var file = new JsonObject
        {
            ["id"] = id,
            ["object"] = "file",
            ["bytes"] = bytes,
            ["created_at"] = created.ToUnixTimeSeconds(),
        };
        if (expires is { } over)
            file["expires_at"] = over.ToUnixTimeSeconds();
        file["filename"] = name;
        file["purpose"] = purpose;
        file["status"] = "processed";
        return file;
    }
}
