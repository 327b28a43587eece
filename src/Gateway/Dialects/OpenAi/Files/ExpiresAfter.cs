using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi.Files;

/// <summary>Reads <c>expires_after</c>: how long a file is kept, counted from when it came.</summary>
public static class ExpiresAfter
{
    private const string Anchor = "created_at";
    private const int Least = 3600;
    private const int Most = 30 * 24 * 3600;

    /// <summary>How long files for batches are kept where nothing is said, as in OpenAI's API.</summary>
    public static TimeSpan OfBatchInput { get; } = TimeSpan.FromSeconds(Most);

    /// <summary>What a form's fields say; null where they say nothing.</summary>
    /// <param name="anchor">The field <c>expires_after[anchor]</c>.</param>
    /// <param name="seconds">The field <c>expires_after[seconds]</c>.</param>
    /// <exception cref="RejectedException">One of them is missing, or not what it may be.</exception>
    public static TimeSpan? Read(string? anchor, string? seconds)
    {
        if (anchor is null && seconds is null)
            return null;
        if (anchor is null)
            throw JsonField.Missing("expires_after[anchor]");
        using var document = JsonDocument.Parse(IsWhole(seconds ?? throw JsonField.Missing("expires_after[seconds]")) ? seconds : "\"\"");
        return Read(anchor, new JsonField(document.RootElement, "expires_after[seconds]"), "expires_after[anchor]");
    }

    /// <summary>What a form's field says in JSON.</summary>
    /// <exception cref="RejectedException">It is malformed.</exception>
    public static TimeSpan Read(string json)
    {
        try
        {
            using var document = JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(json));
            return Read(new JsonField(document.RootElement, "expires_after"));
        }
        catch (JsonException failure)
        {
            throw new RejectedException(Errors.Invalid(
                $"'expires_after' could not be read as JSON: {failure.Message.TrimEnd('.')}.", "expires_after", "invalid_json"));
        }
    }

    /// <summary>What a member of a body says.</summary>
    /// <exception cref="RejectedException">It is malformed.</exception>
    internal static TimeSpan Read(JsonField field)
    {
        string? anchor = null;
        JsonField? seconds = null;
        foreach (var (key, value) in field.Entries())
        {
            if (key == "anchor")
                anchor = value.String();
            else if (key == "seconds")
                seconds = value;
            else
                throw value.Unknown();
        }

        return Read(
            anchor ?? throw JsonField.Missing($"{field.Path}.anchor"),
            seconds ?? throw JsonField.Missing($"{field.Path}.seconds"), $"{field.Path}.anchor");
    }

    private static TimeSpan Read(string anchor, JsonField seconds, string path) => anchor == Anchor
        ? TimeSpan.FromSeconds(seconds.Integer(Least, Most))
        : throw new RejectedException(Errors.Invalid($"'{path}' must be '{Anchor}'.", path, "invalid_value"));

    private static bool IsWhole(string text) => text.Length is > 0 and < 19 && text.All(char.IsAsciiDigit) && (text[0] != '0' || text.Length == 1);
}
