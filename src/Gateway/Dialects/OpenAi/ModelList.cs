using System.Buffers;
using System.Text.Json;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Writes <c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
public static class ModelList
{
    /// <summary>All models.</summary>
    public static void Write(IEnumerable<ModelCard> cards, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var card in cards)
            Write(card, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One model.</summary>
    public static void Write(ModelCard card, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        Write(card, json);
    }

    private static void Write(ModelCard card, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", card.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", card.Created.ToUnixTimeSeconds());
        json.WriteString("owned_by", card.OwnedBy);
        json.WriteEndObject();
    }
}
