using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>One field of a chat completion request: what this server does with it.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Treatment">Whether it is honoured.</param>
/// <param name="Note">For the table in the documentation: what it does here, or which value is let through.</param>
public sealed record ChatField(string Name, FieldTreatment Treatment, string Note)
{
    /// <summary>Reads an honoured or checked value into the draft.</summary>
    internal Action<ChatDraft, JsonField>? Read { get; init; }

    /// <summary>Whether a value asks for nothing, so that letting it through ignores nothing.</summary>
    internal Func<JsonElement, bool> AsksNothing { get; init; } = static _ => false;
}

/// <summary>What becomes of a field of a request.</summary>
public enum FieldTreatment
{
    /// <summary>The answer follows it.</summary>
    Honoured,

    /// <summary>An extra of this engine, spelled as in llama.cpp's server; the answer follows it.</summary>
    Extra,

    /// <summary>Checked and let through: by its definition it says nothing about the answer.</summary>
    Accepted,

    /// <summary>Refused by name, save the value that asks for nothing.</summary>
    Refused,
}
