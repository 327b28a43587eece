namespace Causerie.Training.Corpus;

/// <summary>Draws dialogues from books: one topic after another, as long as chance wants.</summary>
public sealed class Expander
{
    private const string AsideTable = "asides";

    private readonly CorpusFolder _corpus;
    private readonly ExpanderOptions _options;
    private readonly IReadOnlyList<Deck> _decks;
    private readonly Dictionary<string, Phrase> _asides; // by language; none where none are wanted
    private readonly Muddle? _muddle;

    /// <summary>An expander of a corpus.</summary>
    /// <exception cref="CorpusException">Asides are wanted that a language has none of, or more of topics that are not there.</exception>
    public Expander(CorpusFolder corpus, ExpanderOptions options)
    {
        _corpus = corpus;
        _options = options;
        foreach (string name in options.Oftener.Keys)
        {
            if (!corpus.Topics.Any(topic => IsOf(topic, name)))
                throw new CorpusException($"'{name}' is to be drawn oftener, but no topic has that name or begins with it.");
        }
        if (options.SharedMarks.FirstOrDefault(name => !corpus.Topics.Any(topic => IsOf(topic, name))) is { } nobody)
            throw new CorpusException($"A mark is to be shared by '{nobody}', but no topic begins with it.");
        _decks = [.. corpus.Topics.Select(Weighed).GroupBy(topic => topic.Language, StringComparer.Ordinal).Select(group => new Deck([.. group]))];
        string[] languages = options.Aside > 0 ? [.. corpus.Topics.Select(topic => topic.Language).Distinct()] : [];
        foreach (string language in languages)
        {
            if (corpus.Tables.Problem(new Phrase.Slot(AsideTable, 1, language)) is { } problem)
                throw new CorpusException($"asides are wanted, but {problem}.");
        }
        _asides = languages.ToDictionary(language => language, language => PhraseParser.Parse($"<<{AsideTable}.{language}>> "), StringComparer.Ordinal);
        _muddle = options.Muddle.Chance > 0 ? Muddle.Of(corpus, options.Muddle, AsideTable) : null;
    }

    /// <summary>What an answer may be marked with: the names of topics that have one answer each, or what some of them share.</summary>
    public IReadOnlyList<string> Marks =>
        [.. _corpus.Topics.Where(topic => topic.Turns[0].IsFixed).Select(Mark).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Draws a dialogue.</summary>
    public Dialogue Draw(Dice dice)
    {
        var deck = _decks[dice.Next(_decks.Count)];
        var first = deck.Any(dice);
        var messages = new List<DialogueMessage>();
        string? system = first.Systems.Count == 0
            ? null : first.Systems[dice.Next(first.Systems.Count)].Draw(dice, new RowSet(_corpus.Tables));
        bool opening = _options.Openings > 0 && first.Turns[0].IsFixed && dice.NextDouble() < _options.Openings;
        Add(messages, first, dice, opening);
        if (opening)
            return new Dialogue(first.Language, first.Name, system, first.Tools, messages) { IsOpening = true };
        double more = dice.NextDouble() < _options.Long ? _options.MoreOfLong : _options.More;
        while (dice.NextDouble() < more && deck.Following(dice, first.Tools) is { } next)
            Add(messages, next, dice);
        return new Dialogue(first.Language, first.Name, system, first.Tools, messages);
    }

    private Topic Weighed(Topic topic) => topic with
    {
        Weight = _options.Oftener.Where(pair => IsOf(topic, pair.Key)).Aggregate(topic.Weight, (weight, pair) => weight * pair.Value),
    };

    private string Mark(Topic topic) => _options.SharedMarks.FirstOrDefault(name => IsOf(topic, name)) ?? topic.Name;

    private static bool IsOf(Topic topic, string name) =>
        topic.Name == name || topic.Name.StartsWith(name + ".", StringComparison.Ordinal);

    private void Add(List<DialogueMessage> messages, Topic topic, Dice dice, bool opening = false)
    {
        var rows = new RowSet(_corpus.Tables);
        foreach (var turn in topic.Turns)
        {
            if (turn != topic.Turns[0] && (opening || dice.NextDouble() < 0.5))
                break;
            var question = turn.Questions[dice.Next(turn.Questions.Count)];
            messages.Add(new DialogueMessage(DialogueRole.User, Asked(turn, topic.Language, question, rows, dice)));
            if (turn.Call is { } call)
            {
                messages.Add(new DialogueMessage(
                    DialogueRole.Assistant, "", new ToolCall(call.Tool, call.Arguments.Draw(dice, rows))));
                messages.Add(new DialogueMessage(DialogueRole.Tool, turn.Result!.Draw(dice, rows)));
            }
            messages.Add(new DialogueMessage(
                DialogueRole.Assistant, turn.Answers[dice.Next(turn.Answers.Count)].Draw(dice, rows))
            {
                Mark = turn.IsFixed && turn == topic.Turns[0] ? Mark(topic) : null,
            });
        }
    }

    private string Asked(Turn turn, string language, Phrase question, RowSet rows, Dice dice)
    {
        var pieces = question.Pieces(dice, rows);
        pieces = _muddle?.Apply(pieces, language, turn.IsFixed, dice) ?? pieces;
        if (_options.Aside > 0 && dice.NextDouble() < _options.Aside)
            pieces = [.. _asides[language].Pieces(dice, new RowSet(_corpus.Tables)), .. pieces];
        return _options.Noise.Apply(pieces, dice, turn.IsFixed);
    }

    /// <summary>The topics of a language, drawn by weight.</summary>
    private sealed class Deck
    {
        private readonly Topic[] _all;
        private readonly Topic[] _plain; // can stand where no tool is offered
        private readonly Dictionary<string, (Topic[] Plain, Topic[] Same)> _beside; // by the tools that are offered

        public Deck(Topic[] topics)
        {
            _all = Weighted(topics);
            var plain = topics.Where(topic => !topic.Begins).ToArray();
            _plain = Weighted(plain);
            _beside = topics.Where(topic => topic.Tools.Count > 0).GroupBy(topic => string.Join(' ', topic.Tools)).ToDictionary(
                group => group.Key,
                group => (Weighted(plain.Where(topic => !topic.Without.Intersect(group.First().Tools).Any())),
                    Weighted(group.Where(topic => topic.Systems.Count == 0))),
                StringComparer.Ordinal);
        }

        public Topic Any(Dice dice) => _all[dice.Next(_all.Length)];

        /// <summary>A topic that may follow where these tools are offered: a plain one, or one that has the same tools.</summary>
        public Topic? Following(Dice dice, IReadOnlyList<string> tools)
        {
            var (plain, same) = tools.Count == 0 ? (_plain, []) : _beside[string.Join(' ', tools)];
            var from = same.Length > 0 && (plain.Length == 0 || dice.Next(2) == 0) ? same : plain;
            return from.Length == 0 ? null : from[dice.Next(from.Length)];
        }

        private static Topic[] Weighted(IEnumerable<Topic> topics) =>
            [.. topics.SelectMany(topic => Enumerable.Repeat(topic, topic.Weight))];
    }
}

/// <summary>Chances of an <see cref="Expander"/>.</summary>
public sealed record ExpanderOptions
{
    /// <summary>Chance that a dialogue goes on with a further topic, each time.</summary>
    public double More { get; init; } = 0.4;

    /// <summary>Chance of a long dialogue.</summary>
    public double Long { get; init; } = 0.05;

    /// <summary>The chance to go on in one.</summary>
    public double MoreOfLong { get; init; } = 0.92;

    /// <summary>Chance that a sentence beside the point, from the table <c>asides</c>, stands before a question.</summary>
    public double Aside { get; init; }

    /// <summary>Chance that a dialogue whose answer is always the same is one exchange, of whose answer only the opening is learnt.</summary>
    public double Openings { get; init; }

    /// <summary>Beginnings of names, such as <c>beyond</c>, whose topics have one mark between them.</summary>
    public IReadOnlyList<string> SharedMarks { get; init; } = [];

    /// <summary>How many times as often topics are drawn, by their names or what those begin with.</summary>
    public IReadOnlyDictionary<string, int> Oftener { get; init; } = new Dictionary<string, int>();

    /// <summary>How questions are muddled.</summary>
    public MuddleOptions Muddle { get; init; } = new();

    /// <summary>How questions are typed.</summary>
    public Noise Noise { get; init; } = new();
}
