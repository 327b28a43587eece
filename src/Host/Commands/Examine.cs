using System.CommandLine;
using System.Globalization;
using Causerie.Host.Commands.Loading;
using Causerie.Inference;
using Causerie.Training.Corpus;
using Causerie.Training.Exams;
using Spectre.Console;

namespace Causerie.Host.Commands;

/// <summary><c>causerie exam</c>: puts a folder of questions to a model and marks its answers by rule.</summary>
internal sealed class Examine : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Argument<string> _folder = new("FOLDER")
    {
        Description = "A folder of exams: data/exam in the repository has the built-in model's, data/README.md the format",
    };

    private readonly Option<int> _failures = new("--failures")
    {
        Description = "How many answers that failed are shown",
        HelpName = "N",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print every question, answer and mark as JSON" };
    private readonly Option<bool> _markdown = new("--markdown") { Description = "Print the table as Markdown" };
    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Examine(Terminal terminal)
        : base(
            terminal,
            "exam",
            "Put an exam to a model: questions whose answers are marked by rule.\n\n"
            + "The likeliest word is taken each time, so that the same model always gets the same marks. Tools that "
            + "questions offer are those of tools.json in the folder above.")
    {
        _model = new ModelArgument(this);
        Add(_folder);
        Add(_failures);
        _compute = new ComputeOptions(this, terminal, _model.Data, withContext: false);
        Add(_markdown);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie exam causerie-guide data/exam", "the built-in model's exam"),
        new("causerie exam my.gguf my-exam --failures 50", "another one, with what went wrong"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        string path = _model.Resolve(arguments, Terminal);
        string folder = arguments.GetRequiredValue(_folder);
        var exam = ExamReader.ReadFolder(folder);
        var tools = CorpusFolder.ReadTools(Path.Combine(folder, "..", "tools.json"));
        using var model = await _compute.LoadAsync(arguments, path, cancellationToken);
        using var keeping = _compute.Keeping(model, cancellationToken);
        await using var engine = new Engine(model, _compute.Engine(arguments), Terminal.Time);
        ExamReport report;
        using (var line = new StatusLine(Terminal))
        {
            report = await new ExamRunner(model, engine, tools).RunAsync(
                exam, part => line.Show($"{exam.Questions.Count} questions", part), cancellationToken);
        }
        if (arguments.GetValue(_json))
            WriteJson(report);
        else if (arguments.GetValue(_markdown))
            Terminal.Out.Write(report.Markdown());
        else
            Draw(report, arguments.GetValue(_failures));
        return ExitCode.Ok;
    }

    private void Draw(ExamReport report, int failures)
    {
        string[] languages = [.. report.Answers.Select(answer => answer.Question.Language).Distinct().Order(StringComparer.Ordinal)];
        var table = new Spectre.Console.Table().Border(TableBorder.None).AddColumns(["EXAM", .. languages.Select(l => l.ToUpperInvariant()), "ALL"]);
        foreach (var column in table.Columns)
            column.PadLeft(0).PadRight(3).NoWrap();
        foreach (var row in report.Rows(languages))
            table.AddRow(row.Select(cell => new Spectre.Console.Text(cell)));
        Terminal.Draw(table);
        foreach (var failed in report.Answers.Where(answer => !answer.Mark.Passed).Take(failures))
        {
            Terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"\n{failed.Question.Kind} {failed.Question.Topic} ({failed.Question.Language}): {failed.Question.Question}"));
            Terminal.Out.WriteLine($"  {Terminal.Harmless(failed.Text.ReplaceLineEndings("\n  "))}\n  ✗ {failed.Mark.Reason}");
        }
    }

    private void WriteJson(ExamReport report) => Terminal.WriteJson(json =>
    {
        json.WriteStartArray();
        foreach (var answer in report.Answers)
        {
            json.WriteStartObject();
            json.WriteString("kind", answer.Question.Kind.ToString());
            json.WriteString("language", answer.Question.Language);
            json.WriteString("topic", answer.Question.Topic);
            json.WriteString("question", answer.Question.Question);
            json.WriteString("answer", answer.Text);
            json.WriteBoolean("passed", answer.Mark.Passed);
            json.WriteBoolean("declined", answer.Mark.Declined);
            json.WriteBoolean("invented", answer.Mark.InventedFact);
            json.WriteBoolean("wrong_language", answer.Mark.WrongLanguage);
            json.WriteString("reason", answer.Mark.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
