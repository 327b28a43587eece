using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Inference;
using Causerie.Training.Corpus;
using Causerie.Training.Data;

namespace Causerie.Training.Exams;

/// <summary>Puts an exam's questions to a model, several at once, and marks what it answers, always the likeliest word.</summary>
/// <param name="model">The model.</param>
/// <param name="engine">Runs it.</param>
/// <param name="tools">Definitions of tools by name.</param>
public sealed class ExamRunner(LoadedModel model, Engine engine, IReadOnlyDictionary<string, JsonNode> tools)
{
    private const int Together = 16;
    private const int LongestAnswer = 250;

    /// <summary>Runs an exam.</summary>
    /// <param name="exam">The exam.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CorpusException">The model has no chat template, or a tool is not known.</exception>
    public async Task<ExamReport> RunAsync(Exam exam, Action<double> progress, CancellationToken cancellationToken)
    {
        if (model.Prompts.Template is not { } template)
            throw new CorpusException(model.Prompts.Note!);
        var encoder = new DialogueEncoder(template, model.Tokenizer, tools);
        var marker = new Marker(exam.Declines);
        using var places = new SemaphoreSlim(Together);
        int done = 0;
        var answers = await Task.WhenAll(exam.Questions.Select(async question =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                var (text, ended) = await AnswerAsync(encoder, question, cancellationToken);
                progress((double)Interlocked.Increment(ref done) / exam.Questions.Count);
                return new ExamAnswer(question, text, marker.Judge(question, text, ended));
            }
            finally
            {
                places.Release();
            }
        }));
        return new ExamReport(answers);
    }

    private async Task<(string Text, bool Ended)> AnswerAsync(
        DialogueEncoder encoder, ExamQuestion question, CancellationToken cancellationToken)
    {
        foreach (string tool in question.Tools)
        {
            if (!tools.ContainsKey(tool))
                throw new CorpusException($"{question.Place}: there is no tool '{tool}'.");
        }
        string prompt = encoder.Prompt(new Dialogue(
            question.Language, question.Topic, question.System, question.Tools,
            [new DialogueMessage(DialogueRole.User, question.Question)]));
        var request = new GenerationRequest(model.Tokenizer.Encode(prompt, parseSpecial: true))
        {
            Sampling = SamplingOptions.Greedy,
            MaxTokens = LongestAnswer,
        };
        var ids = new List<int>();
        bool ended = false;
        await foreach (var step in engine.GenerateAsync(request, cancellationToken))
        {
            if (step is GeneratedToken token)
                ids.Add(token.Id);
            else if (step is GenerationEnded end)
                ended = end.Reason == FinishReason.Stop;
        }
        return (model.Tokenizer.Decode([.. ids]), ended);
    }
}
