using System.Text.Json;
using Causerie.Training.Corpus;

namespace Causerie.Training.Exams;

/// <summary>Reads exams: data/README.md has the format.</summary>
public static class ExamReader
{
    /// <summary>Every exam under a folder, and the phrases by which each language declines.</summary>
    /// <param name="folder">The folder that holds one folder a language.</param>
    /// <exception cref="CorpusException">There is none, or a line is malformed.</exception>
    public static Exam ReadFolder(string folder)
    {
        var questions = new List<ExamQuestion>();
        var declines = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.exam", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                questions.AddRange(Read(File.ReadAllText(path), Path.GetFileName(Path.GetDirectoryName(path))!, path));
            foreach (string language in questions.Select(question => question.Language).Distinct())
            {
                string path = Path.Combine(folder, language, "declines.txt");
                declines[language] =
                    [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{folder} cannot be read: {e.Message}", e);
        }
        return questions.Count > 0 ? new Exam(questions, declines) : throw new CorpusException($"{folder} has no *.exam.");
    }

    /// <summary>The questions of one file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="language">Its language.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CorpusException">A line is malformed; the message says where and how.</exception>
    public static IReadOnlyList<ExamQuestion> Read(string text, string language, string path)
    {
        var questions = new List<ExamQuestion>();
        Draft? draft = null;
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd();
            if (line.Length == 0 || line[0] == '#')
                continue;
            string place = $"{path}, line {i + 1}";
            if (line[0] == '=')
            {
                if (draft is not null)
                    questions.Add(draft.Finish());
                draft = new Draft(line[1..], language, place);
            }
            else if (draft is null)
            {
                throw new CorpusException($"{place}: a question begins with '= kind topic'.");
            }
            else
            {
                draft.Add(line[0], line[1..].Trim(), line, place);
            }
        }
        if (draft is not null)
            questions.Add(draft.Finish());
        return questions;
    }

    private sealed class Draft
    {
        private readonly List<IReadOnlyList<string>> _needs = [];
        private readonly List<string> _never = [];
        private readonly List<string> _tools = [];
        private ExamQuestion _question;

        public Draft(string head, string language, string place)
        {
            string[] words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || char.IsDigit(words[0][0]) || !Enum.TryParse<ExamKind>(words[0], ignoreCase: true, out var kind))
                throw new CorpusException($"{place}: a question begins with '= kind topic', its kind one of product, skill, tool, json, beyond.");
            _question = new ExamQuestion { Language = language, Kind = kind, Topic = words[1], Question = "", Place = place };
        }

        public void Add(char mark, string text, string line, string place)
        {
            if (text.Length == 0)
                throw new CorpusException($"{place}: there is no text.");
            switch (mark)
            {
                case '?' when _question.Question.Length == 0:
                    _question = _question with { Question = text };
                    break;
                case '?':
                    throw new CorpusException($"{place}: a question of an exam has one '?' line.");
                case '~':
                    Require(_question.System is null, place, "a question of an exam has one '~' line.");
                    _question = _question with { System = text };
                    break;
                case '+':
                    _tools.Add(text);
                    break;
                case '&':
                    _needs.Add(Alternatives(text, place));
                    break;
                case '-':
                    _never.AddRange(Alternatives(text, place));
                    break;
                case '>':
                    Require(_question.Call is null, place, "a question of an exam has one call.");
                    int space = text.IndexOf(' ', StringComparison.Ordinal);
                    if (space < 0)
                        throw new CorpusException($"{place}: a call is '> name {{json}}'.");
                    _question = _question with { Call = new ToolCall(text[..space], Json(text[(space + 1)..], place, isObject: true)) };
                    break;
                case '{' or '[':
                    Require(_question.Json is null, place, "a question of an exam has one line of JSON.");
                    _question = _question with { Json = Json(line, place, isObject: false) };
                    break;
                default:
                    throw new CorpusException($"{place}: a line begins with one of # = ~ + ? & - > {{ [, not with '{mark}'.");
            }
        }

        public ExamQuestion Finish()
        {
            var question = _question with { Needs = _needs, Never = _never, Tools = _tools };
            if (question.Question.Length == 0)
                throw new CorpusException($"{question.Place}: there is no '?' line.");
            bool marked = question.Kind switch
            {
                ExamKind.Beyond => true,
                ExamKind.Json => question.Json is not null,
                _ => question.Needs.Count > 0 || question.Call is not null,
            };
            if (!marked)
                throw new CorpusException($"{question.Place}: nothing says what a right answer is.");
            if (question.Call is { } call && !question.Tools.Contains(call.Name))
                throw new CorpusException($"{question.Place}: tool '{call.Name}' is not offered.");
            return question;
        }

        private static void Require(bool holds, string place, string what)
        {
            if (!holds)
                throw new CorpusException($"{place}: {what}");
        }

        private static string[] Alternatives(string text, string place)
        {
            string[] words = text.Split('|', StringSplitOptions.TrimEntries);
            Require(words.All(word => word.Length > 0), place, "between two '|' there is no text.");
            return words;
        }

        private static string Json(string text, string place, bool isObject)
        {
            try
            {
                using var json = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
                Require(!isObject || json.RootElement.ValueKind == JsonValueKind.Object, place, "a call's arguments are a JSON object.");
                return text;
            }
            catch (JsonException e)
            {
                throw new CorpusException($"{place}: {e.Message}", e);
            }
        }
    }
}

/// <summary>An exam.</summary>
/// <param name="Questions">Its questions.</param>
/// <param name="Declines">Phrases by which each language says that a question is beyond the model.</param>
public sealed record Exam(
    IReadOnlyList<ExamQuestion> Questions, IReadOnlyDictionary<string, IReadOnlyList<string>> Declines);
