using System.Runtime.CompilerServices;
using Causerie.Training.Corpus;
using Causerie.Training.Exams;

namespace Causerie.Training.Tests.Data;

/// <summary>The exam asks what the books do not: measured over many dialogues as they would be drawn.</summary>
public sealed class ExamOverlapTests
{
    private const int Sample = 40_000;
    private const int Run = 4;
    private const double MostShared = 0.25;

    private static readonly string Folder = Path.Combine(Root(), "data");

    [Theory]
    [InlineData("")]
    [InlineData("earlier")]
    [InlineData("earlier/base")]
    public void No_question_of_the_exam_is_asked_in_training_and_few_runs_of_four_words_are(string round)
    {
        var corpus = CorpusFolder.Read(Path.Combine(Folder, round), About.Of(5_000_000, new DateOnly(2026, 11, 26), 6_000_000));
        var expander = new Expander(corpus, new ExpanderOptions { Aside = 0, Noise = new Noise { Small = 0, NoMark = 0, NoAccents = 0, Slip = 0, Hurry = 0 } });
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var runs = new HashSet<string>(StringComparer.Ordinal);
        var dice = new Dice(77);
        for (ulong i = 0; i < Sample; i++)
        {
            foreach (var message in expander.Draw(dice.Fork(i)).Messages.Where(message => message.Role == DialogueRole.User))
            {
                string[] words = Words(message.Text);
                asked.Add(string.Join(' ', words));
                runs.UnionWith(Runs(words));
            }
        }

        var exam = ExamReader.ReadFolder(Path.Combine(Folder, "exam"));
        Assert.True(exam.Questions.Count >= 400);
        Assert.InRange(exam.Questions.Count(question => question.Language == "fr"), exam.Questions.Count * 0.45, exam.Questions.Count * 0.55);
        var known = new List<string>();
        int all = 0, shared = 0;
        foreach (var question in exam.Questions)
        {
            string[] words = Words(question.Question);

            // Two numbers and a sign can be asked in one way only; the numbers are not those of a book.
            if (words.Any(word => word.Any(char.IsLetter)))
                known.AddRange(asked.Contains(string.Join(' ', words)) ? [question.Question] : []);
            all += Runs(words).Count();
            shared += Runs(words).Count(runs.Contains);
        }
        Assert.True(known.Count == 0, string.Join('\n', known));
        Assert.True(shared <= all * MostShared, $"{shared} of {all} runs of {Run} words are asked in training");
    }

    private static string[] Words(string text) => text.ToLowerInvariant()
        .Split([.. " \t\n.,;:!?()[]{}\"'’«»`/|*=<>-+"], StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Runs(string[] words) =>
        Enumerable.Range(0, Math.Max(0, words.Length - Run + 1)).Select(i => string.Join(' ', words[i..(i + Run)]));

    private static string Root([CallerFilePath] string here = "") =>
        Directory.GetParent(here)!.Parent!.Parent!.Parent!.FullName;
}
