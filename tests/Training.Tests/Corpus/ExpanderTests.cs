using Causerie.Training.Corpus;

namespace Causerie.Training.Tests.Corpus;

public sealed class ExpanderTests
{
    private const string Book =
        """
        = town *3
        ? where is <<town.name>>
        ! <<town.name>>!
        ? and then
        ! still <<town.name>>

        = sum
        + calculator
        ? one and one
        > calculator {"expression": "1 + 1"}
        < 2
        ! two

        = short
        ~ Be short.
        ? who
        ! me
        """;

    private static readonly Noise Silent = new() { Small = 0, NoMark = 0, NoAccents = 0, Slip = 0 };

    [Fact]
    public void A_dialogue_follows_from_its_seed()
    {
        using var folder = new DataFolder(Book, Book);
        var expander = new Expander(folder.Read(), new ExpanderOptions());
        for (ulong i = 0; i < 200; i++)
            Assert.Equal(Written(expander.Draw(new Dice(i))), Written(expander.Draw(new Dice(i))));
        Assert.True(Many(expander).Select(Written).Distinct().Count() > 50);
    }

    [Fact]
    public void One_row_serves_a_topic_from_its_first_turn_to_its_last()
    {
        using var folder = new DataFolder(Book, Book);
        var towns = Many(new Expander(folder.Read(), new ExpanderOptions { More = 0, Long = 0, Noise = Silent }))
            .Where(dialogue => dialogue.Topic == "town").Select(dialogue => dialogue.Messages).ToList();
        Assert.All(towns, messages => Assert.Equal($"where is {messages[1].Text.TrimEnd('!')}", messages[0].Text));
        Assert.All(towns.Where(messages => messages.Count > 2), messages =>
            Assert.Equal($"still {messages[1].Text.TrimEnd('!')}", messages[3].Text));
        Assert.InRange(towns.Count(messages => messages.Count > 2), towns.Count * 0.4, towns.Count * 0.6);
        Assert.Equal(2, towns.Select(messages => messages[1].Text).Distinct().Count());
    }

    [Fact]
    public void Topics_come_by_weight_and_what_stands_before_a_dialogue_only_begins_one()
    {
        using var folder = new DataFolder(Book, Book);
        var dialogues = Many(new Expander(folder.Read(), new ExpanderOptions { Noise = Silent }));
        Assert.InRange(dialogues.Count(dialogue => dialogue.Topic == "town"), dialogues.Count * 0.55, dialogues.Count * 0.65);
        Assert.All(dialogues, dialogue => Assert.Equal(dialogue.Topic == "short" ? "Be short." : null, dialogue.System));
        Assert.All(dialogues, dialogue => Assert.Equal((string[])(dialogue.Topic == "sum" ? ["calculator"] : []), dialogue.Tools));
        Assert.All(dialogues.Where(dialogue => dialogue.Tools.Count == 0), dialogue =>
            Assert.DoesNotContain(dialogue.Messages, message => message.Call is not null));
        Assert.All(dialogues, dialogue => Assert.DoesNotContain(dialogue.Messages.Skip(1), message => message.Text == "who"));
        Assert.Contains(dialogues, dialogue => dialogue.Messages.Count > 8);
    }

    [Fact]
    public void Topics_come_oftener_where_that_is_asked_by_name_and_no_name_is_in_vain()
    {
        using var folder = new DataFolder(Book, Book);
        int Towns(ExpanderOptions options) => Many(new Expander(folder.Read(), options)).Count(dialogue => dialogue.Topic == "town");
        int usual = Towns(new ExpanderOptions()), oftener = Towns(new ExpanderOptions { Oftener = new Dictionary<string, int> { ["town"] = 6 } });
        Assert.True(oftener > usual * 1.3, $"{usual} and {oftener}");
        var refused = Assert.Throws<CorpusException>(
            () => new Expander(folder.Read(), new ExpanderOptions { Oftener = new Dictionary<string, int> { ["tow"] = 2 } }));
        Assert.Contains("'tow'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_and_its_result_stand_between_question_and_answer()
    {
        using var folder = new DataFolder(Book, Book);
        var messages = Many(new Expander(folder.Read(), new ExpanderOptions { More = 0, Long = 0 }))
            .First(dialogue => dialogue.Topic == "sum").Messages;
        Assert.Equal(
            [DialogueRole.User, DialogueRole.Assistant, DialogueRole.Tool, DialogueRole.Assistant],
            messages.Select(message => message.Role));
        Assert.Equal(new ToolCall("calculator", """{"expression": "1 + 1"}"""), messages[1].Call);
        Assert.Equal(["", "2", "two"], messages.Skip(1).Select(message => message.Text));
    }

    [Fact]
    public void A_topic_never_follows_where_a_tool_is_offered_that_changes_its_answer()
    {
        string book = Book.Replace("= town *3\n", "= town *3\n- calculator\n", StringComparison.Ordinal) + "\n= hello\n? hi\n! hello\n";
        using var folder = new DataFolder(book, book);
        var dialogues = Many(new Expander(folder.Read(), new ExpanderOptions { More = 0.8, Noise = Silent }));
        Assert.Contains(dialogues, dialogue => dialogue.Topic == "hello" && dialogue.Messages.Any(message => message.Text.StartsWith("where", StringComparison.Ordinal)));
        Assert.All(dialogues.Where(dialogue => dialogue.Topic == "sum"), dialogue =>
            Assert.DoesNotContain(dialogue.Messages, message => message.Text.StartsWith("where", StringComparison.Ordinal)));
        Assert.Contains(dialogues, dialogue => dialogue.Topic == "sum" && dialogue.Messages.Any(message => message.Text == "hi"));
    }

    [Fact]
    public void Asides_stand_before_as_many_questions_as_wanted_and_need_a_table()
    {
        using var folder = new DataFolder(Book, Book);
        var options = new ExpanderOptions { Aside = 0.25, More = 0, Long = 0, Noise = Silent };
        Assert.Contains("asides", Assert.Throws<CorpusException>(() => new Expander(folder.Read(), options)).Message, StringComparison.Ordinal);
        folder.Write("tables/asides.tsv", "en\tfr\nIt [[rains|snows]].\tIl pleut.\n");
        var dialogues = Many(new Expander(folder.Read(), options));
        var before = dialogues.Where(dialogue => dialogue.Messages[0].Text.Contains(". ", StringComparison.Ordinal)).ToList();
        Assert.InRange(before.Count, dialogues.Count * 0.21, dialogues.Count * 0.29);
        Assert.All(before, dialogue => Assert.StartsWith(dialogue.Language == "fr" ? "Il pleut. " : "It ", dialogue.Messages[0].Text, StringComparison.Ordinal));
    }

    private static List<Dialogue> Many(Expander expander)
    {
        var dice = new Dice(3);
        return [.. Enumerable.Range(0, 2000).Select(i => expander.Draw(dice.Fork((ulong)i)))];
    }

    private static string Written(Dialogue dialogue) =>
        $"{dialogue.Language} {dialogue.Topic} {dialogue.System} {string.Join('\n', dialogue.Messages)}";
}
