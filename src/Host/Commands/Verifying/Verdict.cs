using System.Text.Json;

namespace Causerie.Host.Commands.Verifying;

/// <summary>What came of verifying a receipt: identical, or the first thing that is not.</summary>
/// <param name="Identical">Whether everything is.</param>
/// <param name="Check">The check that decided: receipt, model, prompt, tokens, logits, finish_reason or text.</param>
/// <param name="Message">In words.</param>
internal sealed record Verdict(bool Identical, string Check, string Message)
{
    /// <summary>Tokens that were found identical.</summary>
    public int Tokens { get; init; }

    /// <summary>Digest of the logits of all of them; null where they were not computed.</summary>
    public string? Digest { get; init; }

    /// <summary>The token that the receipt has where it differs; null where its answer ends there.</summary>
    public (int Id, string Text)? Expected { get; init; }

    /// <summary>The token that this machine gives there; null where its answer ends there.</summary>
    public (int Id, string Text)? Got { get; init; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("identical", Identical);
        json.WriteString("check", Check);
        json.WriteString("message", Message);
        json.WriteNumber("tokens", Tokens);
        json.WriteString("digest", Digest);
        Write(json, "expected", Expected);
        Write(json, "got", Got);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, (int Id, string Text)? token)
    {
        if (token is not { } known)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("id", known.Id);
        json.WriteString("text", known.Text);
        json.WriteEndObject();
    }
}
