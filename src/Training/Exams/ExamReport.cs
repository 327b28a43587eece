using System.Globalization;
using System.Text;

namespace Causerie.Training.Exams;

/// <summary>The marks of an exam as a table.</summary>
/// <param name="Answers">Every question with its answer and mark.</param>
public sealed record ExamReport(IReadOnlyList<ExamAnswer> Answers)
{
    /// <summary>Rows of a table: what is counted, then how many and the share for each language and for all.</summary>
    /// <param name="languages">The languages, in the order of their columns.</param>
    public IReadOnlyList<IReadOnlyList<string>> Rows(IReadOnlyList<string> languages)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var kind in Enum.GetValues<ExamKind>())
        {
            if (Answers.Any(answer => answer.Question.Kind == kind))
                rows.Add(Row(Name(kind), answer => answer.Question.Kind == kind, answer => answer.Mark.Passed));
        }
        bool Beyond(ExamAnswer answer) => answer.Question.Kind == ExamKind.Beyond;
        if (Answers.Any(Beyond))
            rows.Add(Row("beyond it, nothing invented", Beyond, answer => !answer.Mark.InventedFact));
        rows.Add(Row("in the question's language", _ => true, answer => !answer.Mark.WrongLanguage));
        return rows;

        IReadOnlyList<string> Row(string name, Func<ExamAnswer, bool> which, Func<ExamAnswer, bool> holds)
        {
            var all = Answers.Where(which).ToList();
            return
            [
                name, .. languages.Select(language => Share(all.Where(answer => answer.Question.Language == language).ToList(), holds)),
                Share(all, holds),
            ];
        }
    }

    /// <summary>The table in Markdown.</summary>
    public string Markdown()
    {
        string[] languages = [.. Answers.Select(answer => answer.Question.Language).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", languages)} | all |\n|---|{string.Concat(languages.Select(_ => "--:|"))}--:|\n");
        foreach (var row in Rows(languages))
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        return text.ToString();
    }

    private static string Name(ExamKind kind) => kind switch
    {
        ExamKind.Product => "help with Causerie",
        ExamKind.Skill => "simple skills",
        ExamKind.Tool => "arithmetic with the calculator",
        ExamKind.Json => "JSON of a given shape",
        _ => "beyond it, declined",
    };

    private static string Share(List<ExamAnswer> answers, Func<ExamAnswer, bool> holds)
    {
        int count = answers.Count(holds);
        return answers.Count == 0 ? "–" : string.Create(
            CultureInfo.InvariantCulture, $"{count} of {answers.Count}, {100.0 * count / answers.Count:0.0} %");
    }
}

/// <summary>One question, what was answered, and the mark.</summary>
public sealed record ExamAnswer(ExamQuestion Question, string Text, Mark Mark);
