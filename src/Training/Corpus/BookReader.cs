using System.Text.Json;

namespace Causerie.Training.Corpus;

/// <summary>Reads books: data/README.md has the format.</summary>
/// <param name="tables">The tables that slots may name.</param>
/// <param name="tools">The tools that topics may offer.</param>
public sealed class BookReader(TableSet tables, IReadOnlySet<string> tools)
{
    private const int CallDraws = 64;

    /// <summary>The topics of a book.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="language">The language.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CorpusException">A line is malformed; the message says where and how.</exception>
    public IReadOnlyList<Topic> Read(string text, string language, string path)
    {
        var topics = new List<Topic>();
        TopicDraft? draft = null;
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int number = i + 1;
            string line = lines[i];
            if (line.Trim().Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '=')
            {
                if (draft is not null)
                    topics.Add(draft.Finish());
                draft = new TopicDraft(this, line[1..].Trim(), language, path, number);
                continue;
            }
            if (draft is null)
                throw Fault(path, number, "a topic begins with '= name'.");
            string rest = line.Length > 1 && line[1] == ' ' ? line[2..] : line[1..];
            if (line[0] == '!')
            {
                while (i + 1 < lines.Length && lines[i + 1].StartsWith("  ", StringComparison.Ordinal))
                    rest += "\n" + lines[++i][2..];
            }
            draft.Add(line[0], rest, number);
        }
        if (draft is not null)
            topics.Add(draft.Finish());
        return topics;
    }

    private static CorpusException Fault(string path, int line, string what) => new($"{path}, line {line}: {what}");

    /// <summary>A topic while its lines come in.</summary>
    private sealed class TopicDraft
    {
        private readonly BookReader _reader;
        private readonly string _path;
        private readonly int _line;
        private readonly string _name;
        private readonly string _language;
        private readonly int _weight = 1;
        private readonly List<Phrase> _systems = [];
        private readonly List<string> _tools = [];
        private readonly List<string> _without = [];
        private readonly List<Turn> _turns = [];
        private List<Phrase> _questions = [];
        private List<Phrase> _answers = [];
        private CallPhrase? _call;
        private Phrase? _result;

        public TopicDraft(BookReader reader, string head, string language, string path, int line)
        {
            (_reader, _language, _path, _line) = (reader, language, path, line);
            string[] words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is 0 or > 2 || (words.Length == 2
                && (words[1][0] != '*' || !int.TryParse(words[1].AsSpan(1), out _weight) || _weight is < 1 or > 1000)))
                throw Fault(path, line, $"'= {head}' is no topic: it is '= name' or '= name *3'.");
            _name = words[0];
        }

        public void Add(char kind, string text, int line)
        {
            switch (kind)
            {
                case '?':
                    if (_answers.Count > 0)
                        EndTurn(line);
                    Require(_call is null, line, "a question stands before the call of its turn.");
                    _questions.Add(Parse(text, line));
                    break;
                case '!':
                    Require(_questions.Count > 0, line, "an answer needs a question before it.");
                    Require(_call is null || _result is not null, line, "a call needs its result, '< text', before the answer.");
                    _answers.Add(Parse(text, line));
                    break;
                case '>':
                    Require(_questions.Count > 0 && _answers.Count == 0, line, "a call stands between questions and answers.");
                    Require(_call is null, line, "a turn has one call.");
                    _call = ReadCall(text, line);
                    break;
                case '<':
                    Require(_call is not null && _result is null, line, "a result follows a call.");
                    _result = Parse(text, line);
                    break;
                case '~':
                    Require(_questions.Count == 0 && _turns.Count == 0, line, "system prompts stand before the first question.");
                    _systems.Add(Parse(text, line));
                    break;
                case '+':
                    Require(_questions.Count == 0 && _turns.Count == 0, line, "tools stand before the first question.");
                    string tool = text.Trim();
                    Require(_reader.HasTool(tool), line, $"there is no tool '{tool}' in tools.json.");
                    _tools.Add(tool);
                    break;
                case '-':
                    Require(_questions.Count == 0 && _turns.Count == 0, line, "tools stand before the first question.");
                    Require(_reader.HasTool(text.Trim()), line, $"there is no tool '{text.Trim()}' in tools.json.");
                    _without.Add(text.Trim());
                    break;
                default:
                    throw Fault(_path, line, $"a line begins with one of # = ~ + - ? ! > <, not with '{kind}'.");
            }
        }

        public Topic Finish()
        {
            EndTurn(_line);
            Require(!_without.Intersect(_tools).Any(), _line, $"topic '{_name}' offers a tool that it cannot stand beside.");
            return new Topic(_name, _language, _weight, _systems, _tools, _turns) { Without = _without };
        }

        private void EndTurn(int line)
        {
            Require(_questions.Count > 0, line, $"topic '{_name}' has no question.");
            Require(_answers.Count > 0, line, $"topic '{_name}' has a question without an answer.");
            _turns.Add(new Turn(_questions, _call, _result, _answers));
            (_questions, _answers, _call, _result) = ([], [], null, null);
        }

        private CallPhrase ReadCall(string text, int line)
        {
            int space = text.IndexOf(' ', StringComparison.Ordinal);
            Require(space > 0, line, "a call is '> name {json}'.");
            string tool = text[..space];
            Require(_tools.Contains(tool), line, $"tool '{tool}' is not offered by this topic.");
            var arguments = Parse(text[(space + 1)..], line);
            for (ulong seed = 0; seed < CallDraws; seed++)
                RequireObject(arguments.Draw(new Dice(seed), new RowSet(_reader.Tables)), line);
            return new CallPhrase(tool, arguments);
        }

        private void RequireObject(string sample, int line)
        {
            try
            {
                using var json = JsonDocument.Parse(sample, new JsonDocumentOptions { AllowDuplicateProperties = false });
                Require(json.RootElement.ValueKind == JsonValueKind.Object, line, "a call's arguments are a JSON object.");
            }
            catch (JsonException e)
            {
                throw Fault(_path, line, $"a call's arguments are a JSON object, not {sample}: {e.Message}");
            }
        }

        private Phrase Parse(string text, int line)
        {
            Phrase phrase;
            try
            {
                phrase = PhraseParser.Parse(text);
            }
            catch (FormatException e)
            {
                throw Fault(_path, line, e.Message);
            }
            Require(text.Trim().Length > 0, line, "there is no text.");
            foreach (var slot in phrase.Slots)
            {
                if (_reader.Tables.Problem(slot) is { } problem)
                    throw Fault(_path, line, $"{problem}.");
            }
            return phrase;
        }

        private void Require(bool holds, int line, string what)
        {
            if (!holds)
                throw Fault(_path, line, what);
        }
    }

    private TableSet Tables => tables;

    private bool HasTool(string name) => tools.Contains(name);
}
