using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Embeddings;

/// <summary>A request for embeddings while its fields are being read.</summary>
internal sealed class EmbeddingDraft
{
    public string? Model { get; set; }

    public ImmutableArray<EmbeddingInput> Inputs { get; set; }

    public int? Dimensions { get; set; }

    public bool Base64 { get; set; }

    public EmbeddingCall Finish(DialectContext context) => Inputs.IsDefault
        ? throw JsonField.Missing("input")
        : new OpenAiEmbeddingCall(
            new EmbeddingRequest
            {
                Model = Model ?? ChatDraft.TheOnlyModel(context, toEmbed: true),
                Inputs = Inputs,
                Dimensions = Dimensions,
            },
            Base64);
}
