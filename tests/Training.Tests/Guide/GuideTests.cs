using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference;
using Causerie.Training.Corpus;
using Causerie.Training.Exams;

namespace Causerie.Training.Tests.Guide;

/// <summary>The built-in model as it ships: what llama.cpp makes of it, and how it does in its exam.</summary>
public sealed class GuideTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Model = Path.Combine(Root, "src/Host/BuiltIn/causerie-guide.gguf");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_writes_what_llama_cpp_writes_with_the_same_file()
    {
        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(
            Path.Combine(Root, "tests/Training.Tests/Guide/peer-greedy.json"), Cancel));
        Assert.Equal(
            expected.RootElement.GetProperty("sha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Model, Cancel))));
        using var model = LoadedModel.Load(Model, new LoadOptions());
        await using var engine = new Engine(model, new EngineOptions(), TimeProvider.System);
        foreach (var answer in expected.RootElement.GetProperty("answers").EnumerateArray())
        {
            string prompt = answer.GetProperty("prompt").GetString()!;
            Assert.Equal((prompt, answer.GetProperty("text").GetString()), (prompt, await WriteAsync(model, engine, prompt)));
        }
    }

    [Fact]
    public async Task It_does_no_worse_in_its_exam_than_was_reported()
    {
        var exam = ExamReader.ReadFolder(Path.Combine(Root, "data/exam"));
        var tools = CorpusFolder.ReadTools(Path.Combine(Root, "data/tools.json"));
        using var model = LoadedModel.Load(Model, new LoadOptions());
        await using var engine = new Engine(model, new EngineOptions(), TimeProvider.System);
        var report = await new ExamRunner(model, engine, tools).RunAsync(exam, _ => { }, Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine(report.Markdown());
        double Share(ExamKind kind) => report.Answers.Where(answer => answer.Question.Kind == kind)
            .Average(answer => answer.Mark.Passed ? 1.0 : 0);

        // What docs/training.md reports, which is far from what it should be: a new training must not do worse.
        foreach (var (kind, least) in Least)
            Assert.True(Share(kind) >= least, $"{kind}: {Share(kind):P1}\n{report.Markdown()}");
        Assert.Equal(0, report.Answers.Count(answer => answer.Mark.WrongLanguage));
    }

    private static readonly (ExamKind Kind, double Least)[] Least =
    [
        (ExamKind.Product, 0.72), (ExamKind.Skill, 0.62), (ExamKind.Tool, 0.42), (ExamKind.Json, 0.32), (ExamKind.Beyond, 0.87),
    ];

    private static async Task<string> WriteAsync(LoadedModel model, Engine engine, string prompt)
    {
        var request = new GenerationRequest(model.Tokenizer.Encode(prompt, parseSpecial: true))
        {
            Sampling = SamplingOptions.Greedy,
            MaxTokens = 120,
        };
        var ids = new List<int>();
        await foreach (var step in engine.GenerateAsync(request, Cancel))
        {
            if (step is GeneratedToken token)
                ids.Add(token.Id);
        }
        return model.Tokenizer.Decode([.. ids]);
    }

    private static string FindRoot([CallerFilePath] string here = "") =>
        Directory.GetParent(here)!.Parent!.Parent!.Parent!.FullName;
}
