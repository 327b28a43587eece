using Causerie.Training.Exams;

namespace Causerie.Training.Tests.Exams;

public sealed class ExamReportTests
{
    [Fact]
    public void Marks_are_counted_by_kind_and_language()
    {
        var report = new ExamReport(
        [
            Answer("en", "product", new Mark(true, "")),
            Answer("en", "product", new Mark(false, "it is empty")),
            Answer("fr", "product", new Mark(false, "it is in the other language") { WrongLanguage = true }),
            Answer("fr", "beyond", new Mark(false, "it does not decline") { InventedFact = true }),
            Answer("fr", "beyond", new Mark(true, "") { Declined = true }),
        ]);
        Assert.Equal(
            """
            | | en | fr | all |
            |---|--:|--:|--:|
            | help with Causerie | 1 of 2, 50.0 % | 0 of 1, 0.0 % | 1 of 3, 33.3 % |
            | beyond it, declined | – | 1 of 2, 50.0 % | 1 of 2, 50.0 % |
            | beyond it, nothing invented | – | 1 of 2, 50.0 % | 1 of 2, 50.0 % |
            | in the question's language | 2 of 2, 100.0 % | 2 of 3, 66.7 % | 4 of 5, 80.0 % |

            """.ReplaceLineEndings("\n"), report.Markdown());
    }

    private static ExamAnswer Answer(string language, string kind, Mark mark) =>
        new(Assert.Single(ExamReader.Read($"= {kind} x\n? a\n& b", language, "x.exam")), "b", mark);
}
