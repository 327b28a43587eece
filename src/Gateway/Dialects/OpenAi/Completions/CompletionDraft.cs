using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi.Completions;

/// <summary>A request for completions while its fields are being read.</summary>
internal sealed class CompletionDraft
{
    private const int DefaultTokens = 16; // the API's own
    private const int MostAnswers = 128;

    public string? Model { get; set; }

    public ImmutableArray<(string? Text, ImmutableArray<int> Tokens)> Prompts { get; set; }

    public SamplingOptions Sampling { get; set; } = SamplingOptions.ModelDefault;

    public int MaxTokens { get; set; } = DefaultTokens;

    public ImmutableArray<string> Stop { get; set; } = [];

    public int Choices { get; set; } = 1;

    public int? LogProbs { get; set; }

    public bool Echo { get; set; }

    public string? Suffix { get; set; }

    public bool Stream { get; set; }

    public bool IncludeUsage { get; set; }

    public bool HasStreamOptions { get; set; }

    public AnswerGrammar? Grammar { get; private set; }

    /// <summary>Holds the answers to a grammar; a request has one at most.</summary>
    public void Bind(AnswerGrammar grammar, JsonField field) => Grammar = Grammar is null
        ? grammar
        : throw field.Refuse($"'{field.Path}' is not the only field that holds the answer to a form; give one of them.", "invalid_value");

    public CompletionCall Finish(DialectContext context)
    {
        if (Prompts.IsDefault)
            throw JsonField.Missing("prompt");
        if (HasStreamOptions && !Stream)
            throw Refusal("'stream_options' may be given only with 'stream' true.", "stream_options");
        if (Echo && LogProbs is not null)
            throw Refusal("'echo' may not be given with 'logprobs': a prompt's tokens have no probabilities here.", "echo");
        bool tokens = Prompts.Any(prompt => prompt.Text is null);
        if (Echo && tokens)
            throw Refusal("'echo' may not be given with a prompt of token ids: give the text.", "echo");
        if (Suffix is not null && tokens)
            throw Refusal("'suffix' may not be given with a prompt of token ids: give the text.", "suffix");
        if (Echo && Suffix is not null)
            throw Refusal("'echo' may not be given with 'suffix': the answer stands between the two.", "echo");
        if ((long)Prompts.Length * Choices > MostAnswers)
            throw Refusal($"{Prompts.Length} prompts with {Choices} answers each are more than {MostAnswers}.", "n");
        var request = new ChatRequest
        {
            Model = Model ?? ChatDraft.TheOnlyModel(context),
            Messages = [],
            Sampling = Sampling,
            MaxTokens = MaxTokens,
            Stop = Stop,
            Grammar = Grammar,
            LogProbs = LogProbs,
        };
        return new CompletionCall(
            [
                .. Prompts.SelectMany(prompt => Enumerable.Range(0, Choices).Select(i => request with
                {
                    Text = prompt.Text,
                    TextTokens = prompt.Tokens,
                    Suffix = Suffix,
                    Sampling = Sampling.Seed is { } seed ? Sampling with { Seed = unchecked(seed + (ulong)i) } : Sampling,
                })),
            ], Choices, Stream, IncludeUsage, Echo, context.Now);
    }

    private static RejectedException Refusal(string message, string field) => new(Errors.Invalid(message, field, "invalid_value"));
}
