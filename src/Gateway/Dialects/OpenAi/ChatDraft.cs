using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>A request while its fields are being read.</summary>
internal sealed class ChatDraft
{
    private string? _boundBy;

    public string? Model { get; set; }

    public ImmutableArray<ChatMessage> Messages { get; set; }

    public SamplingOptions Sampling { get; set; } = SamplingOptions.ModelDefault;

    public int? MaxTokens { get; set; }

    public int? MaxCompletionTokens { get; set; }

    public ImmutableArray<string> Stop { get; set; } = [];

    public bool Stream { get; set; }

    public bool Receipt { get; set; }

    public bool HasStreamOptions { get; set; }

    public bool IncludeUsage { get; set; }

    /// <summary>Holds the answer to a grammar; a request has one at most.</summary>
    public void Bind(AnswerGrammar? grammar, JsonField field)
    {
        if (grammar is null)
            return;
        if (_boundBy is not null)
            throw field.Refuse($"'{field.Path}' and '{_boundBy}' both hold the answer to a form; give one of them.", "invalid_value");
        _boundBy = field.Path;
        Sampling = Sampling with { Grammar = grammar };
    }

    public ChatCall Finish(DialectContext context)
    {
        if (Messages.IsDefault)
            throw JsonField.Missing("messages");
        if (HasStreamOptions && !Stream)
        {
            throw new RejectedException(Errors.Invalid(
                "'stream_options' may be given only with 'stream' true.", "stream_options", "invalid_value"));
        }

        if (MaxTokens is not null && MaxCompletionTokens is not null)
        {
            throw new RejectedException(Errors.Invalid(
                "Give 'max_tokens' or 'max_completion_tokens', not both.", "max_tokens", "invalid_value"));
        }

        var request = new ChatRequest
        {
            Model = Model ?? TheOnlyModel(context),
            Messages = Messages,
            Sampling = Sampling,
            MaxTokens = MaxCompletionTokens ?? MaxTokens,
            Stop = Stop,
            Receipt = Receipt,
        };
        return new ChatCall(request, Stream, IncludeUsage, context.Now);
    }

    // Local servers are often asked without a model. With one model that is no guess; with several it would be. The one
    // that came with the program does not count where there is another.
    private static string TheOnlyModel(DialectContext context)
    {
        ModelCard[] chosen = [.. context.Models.Where(card => !card.IsBuiltIn)];
        return chosen.Length == 1 ? chosen[0].Id
            : context.Models.Count == 1 ? context.Models[0].Id
            : throw JsonField.Missing("model");
    }
}
