using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>A request while its fields are being read.</summary>
internal sealed class ChatDraft
{
    private string? _boundBy;

    public string? Model { get; set; }

    public ImmutableArray<ChatMessage> Messages { get; set; }

    public SamplingOptions Sampling { get; set; } = SamplingOptions.ModelDefault;

    public AnswerGrammar? Grammar { get; set; }

    public ImmutableArray<ChatTool> Tools { get; set; } = [];

    public ToolChoice ToolChoice { get; set; } = ToolChoice.Auto;

    public bool ParallelToolCalls { get; set; } = true;

    /// <summary>Tools by their older name; default where none were given.</summary>
    public ImmutableArray<ChatTool> Functions { get; set; }

    /// <summary>Which of them is called; null where nothing was said.</summary>
    public ToolChoice? FunctionCall { get; set; }

    /// <summary>The field that names tools as they are called now; null where none does.</summary>
    public string? Newer { get; set; }

    public string? ReasoningEffort { get; set; }

    public string? Prediction { get; set; }

    public int? MaxTokens { get; set; }

    public int? MaxCompletionTokens { get; set; }

    public ImmutableArray<string> Stop { get; set; } = [];

    public bool Stream { get; set; }

    public bool Receipt { get; set; }

    /// <summary>Whether the completion is kept.</summary>
    public bool Store { get; set; }

    /// <summary>What is kept with it.</summary>
    public JsonObject Stored { get; } = [];

    public int Choices { get; set; } = 1;

    public bool LogProbs { get; set; }

    public int? TopLogProbs { get; set; }

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
        Grammar = grammar;
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

        if (TopLogProbs is not null && !LogProbs)
        {
            throw new RejectedException(Errors.Invalid(
                "'top_logprobs' may be given only with 'logprobs' true.", "top_logprobs", "invalid_value"));
        }

        if (!Store && Stored["metadata"] is JsonObject { Count: > 0 })
            throw new RejectedException(Errors.Invalid("'metadata' may be given only with 'store' true.", "metadata", "invalid_value"));
        LegacyFunctions.Check(Functions, FunctionCall, Newer);
        bool legacy = !Functions.IsDefaultOrEmpty;
        if (legacy)
            (Tools, ToolChoice, ParallelToolCalls) = (Functions, FunctionCall ?? ToolChoice.Auto, false); // an answer has room for one call
        OpenAi.Tools.Check(Tools, ToolChoice);
        if (_boundBy == "grammar" && Tools.Length > 0)
            throw new RejectedException(Errors.Invalid("'grammar' may not be given with 'tools'.", "grammar", "invalid_value"));
        var request = new ChatRequest
        {
            Model = Model ?? TheOnlyModel(context),
            Messages = Messages,
            Sampling = Sampling,
            MaxTokens = MaxCompletionTokens ?? MaxTokens,
            Stop = Stop,
            Prediction = Prediction,
            Receipt = Receipt,
            Grammar = Grammar,
            Tools = Tools,
            ToolChoice = ToolChoice,
            ParallelToolCalls = ParallelToolCalls,
            ReasoningEffort = ReasoningEffort,
            LogProbs = LogProbs ? TopLogProbs ?? 0 : null,
        };
        return new ChatCall(Several(request), Stream, IncludeUsage, legacy, Store ? Stored : null, context.Now);
    }

    // The same seed would give the same answer each time.
    private ImmutableArray<ChatRequest> Several(ChatRequest request) =>
    [
        .. Enumerable.Range(0, Choices).Select(i => request.Sampling.Seed is { } seed && i > 0
            ? request with { Sampling = request.Sampling with { Seed = unchecked(seed + (ulong)i) } }
            : request),
    ];

    /// <summary>The model of a request that names none.</summary>
    /// <remarks>
    /// Local servers are often asked without a model. With one model that is no guess; with several it would be. The one
    /// that came with the program does not count where there is another, nor do those that do not write.
    /// </remarks>
    /// <param name="context">Names the models.</param>
    /// <param name="toEmbed">Whether vectors are wanted: then those that give nothing else come first.</param>
    /// <exception cref="RejectedException">There are several.</exception>
    public static string TheOnlyModel(DialectContext context, bool toEmbed = false)
    {
        ModelCard[] all = [.. context.Models.Where(card => card.Chats != toEmbed)];
        if (all.Length == 0 && toEmbed)
            all = [.. context.Models];
        ModelCard[] chosen = [.. all.Where(card => !card.IsBuiltIn)];
        return chosen.Length == 1 ? chosen[0].Id
            : all.Length == 1 ? all[0].Id
            : throw JsonField.Missing("model");
    }
}
