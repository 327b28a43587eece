using Causerie.Training.Corpus;
using Causerie.Training.Exams;

namespace Causerie.Training.Tests.Exams;

public sealed class MarkerTests
{
    private static readonly Marker Marker = new(new Dictionary<string, IReadOnlyList<string>>
    {
        ["en"] = ["beyond me"],
        ["fr"] = ["me dépasse"],
    });

    [Theory]
    [InlineData("Use `--port 8080`.", true, true)]
    [InlineData("use --PORT 8080", true, true)]
    [InlineData("", true, false)]
    [InlineData("   ", true, false)]
    [InlineData("I can help you with the server.", true, false)]
    [InlineData("How do I change the port?", true, false)]
    [InlineData("Use `--port 8080`.", false, false)]
    [InlineData("Use `--portal`.", true, false)]
    [InlineData("Use --port, not --listen.", true, false)]
    [InlineData("Utilisez `--port 8080` pour le serveur.", true, false)]
    [InlineData("a b c d e f --port a b c d e f --port a b c d e f", true, false)]
    public void An_answer_needs_its_words_and_no_wrong_ones(string answer, bool ended, bool passes)
    {
        var question = Question("= product set.port\n? How do I change the port?\n& --port\n- --listen");
        Assert.Equal(passes, Marker.Judge(question, answer, ended).Passed);
    }

    [Theory]
    [InlineData("It is 7.", true)]
    [InlineData("It is seven.", true)]
    [InlineData("It is 17.", false)]
    [InlineData("It is 7,5.", true)]
    public void Numbers_stand_by_themselves(string answer, bool passes) => Assert.Equal(
        passes, Marker.Judge(Question("= skill math.add\n? 3 and 4?\n& 7 | seven"), answer, true).Passed);

    [Theory]
    [InlineData("12,345", true)]
    [InlineData("12 345", true)]
    [InlineData("12345", true)]
    [InlineData("112345", false)]
    public void Thousands_may_be_parted(string answer, bool passes) => Assert.Equal(
        passes, Marker.Judge(Question("= skill math.add\n? x?\n& 12345"), answer, true).Passed);

    [Theory]
    [InlineData("That is beyond me: load a bigger model.", true, true, false)]
    [InlineData("That is beyond me, but it was Shakespeare.", false, true, true)]
    [InlineData("Hamlet was written by Marlowe.", false, false, true)]
    [InlineData("Hello! How can I help?", false, false, false)]
    public void What_is_beyond_is_declined_and_nothing_invented(string answer, bool passes, bool declined, bool invented)
    {
        var mark = Marker.Judge(Question("= beyond beyond.people\n? Who wrote Hamlet?\n- Shakespeare"), answer, true);
        Assert.Equal((passes, declined, invented), (mark.Passed, mark.Declined, mark.InventedFact));
    }

    [Theory]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"4*3\"}}\n</tool_call>", true)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"6 + 6\"}}\n</tool_call>", true)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"3 + 4\"}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"clock\", \"arguments\": {\"expression\": \"3*4\"}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\"}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"name\": \"calculator\", \"arguments\": {\"expression\": \"12\"}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"12\", \"expression\": \"12\"}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": 1, \"arguments\": {}}\n</tool_call>", false)]
    [InlineData("12", false)]
    public void A_call_is_compared_by_what_it_comes_to(string answer, bool passes) => Assert.Equal(
        passes,
        Marker.Judge(
            Question("= tool tool.calculator\n+ calculator\n? 3 times 4?\n> calculator {\"expression\": \"3 * 4\"}"), answer, true)
            .Passed);

    [Theory]
    [InlineData("{\"age\": 31, \"name\": \"Ana\"}", true)]
    [InlineData("```json\n{\"name\":\"Ana\",\"age\":31}\n```", true)]
    [InlineData("{\"name\": \"Ana\", \"age\": \"31\"}", false)]
    [InlineData("{\"name\": \"Ana\", \"age\": 31, \"age\": 31}", false)]
    [InlineData("[31]", false)]
    [InlineData("31", false)]
    [InlineData("Here: {\"name\": \"Ana\", \"age\": 31}", false)]
    public void JSON_is_compared_as_JSON(string answer, bool passes) => Assert.Equal(
        passes,
        Marker.Judge(Question("= json json.object\n? Ana is 31, as JSON\n{\"name\": \"Ana\", \"age\": 31}"), answer, true).Passed);

    [Theory]
    [InlineData("The capital of France is Paris.", "en")]
    [InlineData("La capitale de la France est Paris.", "fr")]
    [InlineData("Paris.", null)]
    [InlineData("`causerie pull the/model`", null)]
    [InlineData("Tapez `causerie pull` et chargez le modèle.", "fr")]
    public void A_language_is_told_by_its_small_words(string text, string? language) =>
        Assert.Equal(language, LanguageGuess.Of(text));

    [Theory]
    [InlineData("? a\n& b", "begins with '= kind topic'")]
    [InlineData("= product\n? a\n& b", "begins with '= kind topic'")]
    [InlineData("= riddle x\n? a\n& b", "begins with '= kind topic'")]
    [InlineData("= 1 x\n? a\n& b", "begins with '= kind topic'")]
    [InlineData("= product x\n& b", "no '?' line")]
    [InlineData("= product x\n? a", "nothing says")]
    [InlineData("= json x\n? a\n& b", "nothing says")]
    [InlineData("= product x\n? a\n? b\n& c", "one '?' line")]
    [InlineData("= product x\n? a\n&", "no text")]
    [InlineData("= product x\n? a\n! b", "begins with one of")]
    [InlineData("= tool x\n? a\n> calculator {\"expression\": \"1\"}", "not offered")]
    [InlineData("= tool x\n+ calculator\n? a\n> calculator", "'> name {json}'")]
    [InlineData("= tool x\n+ calculator\n? a\n> calculator {x", "line 4")]
    [InlineData("= json x\n? a\n{x", "line 3")]
    [InlineData("= json x\n? a\n{\"b\": 1, \"b\": 2}", "line 3")]
    [InlineData("= json x\n? a\n{}\n[]", "one line of JSON")]
    [InlineData("= product x\n~ a\n~ b\n? c\n& d", "one '~' line")]
    [InlineData("= product x\n? a\n& b | | c", "no text")]
    [InlineData("= product x\n? a\n& |", "no text")]
    [InlineData("= tool x\n+ calculator\n? a\n> calculator [1]", "JSON object")]
    [InlineData("= tool x\n+ calculator\n? a\n> calculator null", "JSON object")]
    [InlineData("= tool x\n+ calculator\n? a\n> calculator {}\n> calculator {}", "one call")]
    public void A_malformed_exam_is_refused_by_its_line(string text, string said)
    {
        string message = Assert.Throws<CorpusException>(() => ExamReader.Read(text, "en", "x.exam")).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.StartsWith("x.exam, line ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_to_an_exam_is_read_or_refused_and_nothing_else()
    {
        const string Call = "<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"2\"}}\n</tool_call>";
        const string Text = "= tool t.x\n+ calculator\n? 1 + 1?\n> calculator {\"expression\": \"2\"}\n= json j\n? a\n{\"a\": 1}\n= beyond b\n? c\n- d | e\n";
        var random = new Random(8);
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = Text.ToCharArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = "=~+?&-><{}|. \n\"a1:"[random.Next(18)];
            try
            {
                foreach (var question in ExamReader.Read(new string(text), "en", "x.exam"))
                {
                    Marker.Judge(question, "{\"a\": 1}", ended: true);
                    Marker.Judge(question, Call, ended: true);
                }
            }
            catch (CorpusException)
            {
            }
        }
    }

    [Fact]
    public void An_answer_that_is_the_question_again_fails_even_where_it_has_the_words()
    {
        var question = Question("= product set.port\n? what does --port do?\n& --port");
        Assert.Equal("it only repeats the question", Marker.Judge(question, "What does `--port` do?", true).Reason);
        Assert.True(Marker.Judge(question, "`--port` sets the port.", true).Passed);
        Assert.True(Marker.Judge(Question("= skill talk.hello\n? hello!\n& hello"), "Hello!", true).Passed);
    }

    private static ExamQuestion Question(string text) => Assert.Single(ExamReader.Read(text, "en", "x.exam"));
}
