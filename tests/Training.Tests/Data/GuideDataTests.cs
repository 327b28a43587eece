using System.Runtime.CompilerServices;
using System.Text.Json;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Exams;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Tests.Data;

/// <summary>The data that the built-in model is made from.</summary>
public sealed class GuideDataTests
{
    private const int Sample = 6000;

    private static readonly string Folder = Path.Combine(Root(), "data");
    private static readonly CorpusFolder Corpus = CorpusFolder.Read(Folder, About.Of(5_000_000, new DateOnly(2026, 11, 26), 6_000_000));

    [Fact]
    public void Every_dialogue_is_whole()
    {
        var expander = new Expander(Corpus, new ExpanderOptions());
        var dice = new Dice(21);
        for (ulong i = 0; i < Sample; i++)
        {
            var dialogue = expander.Draw(dice.Fork(i));
            Assert.Equal(DialogueRole.User, dialogue.Messages[0].Role);
            Assert.Equal(DialogueRole.Assistant, dialogue.Messages[^1].Role);
            foreach (var message in dialogue.Messages)
            {
                foreach (string mark in (string[])["[[", "]]", "<<", ">>", "\t"])
                    Assert.False(message.Text.Contains(mark, StringComparison.Ordinal), $"{dialogue.Topic}: {message.Text}");
                Assert.True(message.Text.Trim().Length > 0 || message.Call is not null, dialogue.Topic);
                if (message.Call is { } call)
                    JsonDocument.Parse(call.ArgumentsJson).Dispose();
            }
        }
    }

    [Fact]
    public void Every_topic_can_be_drawn_in_both_languages()
    {
        foreach (var topic in Corpus.Topics)
        {
            foreach (var turn in topic.Turns)
            {
                foreach (var phrase in (Phrase[])[.. turn.Questions, .. turn.Answers])
                    Assert.NotEmpty(phrase.Draw(new Dice(4), new RowSet(Corpus.Tables)).Trim());
            }
        }
        Assert.Equal(
            Corpus.Topics.Where(topic => topic.Language == "en").Select(topic => topic.Name).Order(StringComparer.Ordinal),
            Corpus.Topics.Where(topic => topic.Language == "fr").Select(topic => topic.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Both_languages_have_the_same_facts() => Assert.Equal(Facts("facts_en"), Facts("facts_fr"));

    [Fact]
    public void Answers_that_call_the_calculator_say_what_it_comes_to()
    {
        var expander = new Expander(Corpus, new ExpanderOptions { More = 0, Long = 0 });
        var dice = new Dice(5);
        int calls = 0;
        for (ulong i = 0; i < Sample; i++)
        {
            var messages = expander.Draw(dice.Fork(i)).Messages;
            for (int m = 0; m + 1 < messages.Count; m++)
            {
                if (messages[m].Call is not { Name: "calculator" } call)
                    continue;
                using var json = JsonDocument.Parse(call.ArgumentsJson);
                Assert.Equal(
                    Arithmetic.Value(messages[m + 1].Text),
                    Arithmetic.Value(json.RootElement.GetProperty("expression").GetString()!));
                calls++;
            }
        }
        Assert.True(calls > 100, $"{calls} calls");
    }

    [Fact]
    public void A_dialogue_is_learnt_where_the_assistant_speaks_and_nowhere_else()
    {
        var template = ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, "chat.jinja")));
        var tokenizer = Tokenizer.Create(VocabularyBuilder.Train(["Hello there, hello there!"], 265, chats: true, _ => { }));
        var encoder = new DialogueEncoder(template, tokenizer, Corpus.Tools);
        var dialogue = new Dialogue("en", "x", "Be short.", ["calculator"],
        [
            new(DialogueRole.User, "2*3?"),
            new(DialogueRole.Assistant, "", new ToolCall("calculator", """{"expression": "2*3"}""")),
            new(DialogueRole.Tool, "6"),
            new(DialogueRole.Assistant, "It is 6."),
        ]);
        var document = encoder.Encode(dialogue, 1000);
        string learnt = Text(document, true);
        Assert.Equal(
            "<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"2*3\"}}\n</tool_call><|im_end|>It is 6.<|im_end|>",
            learnt);
        string whole = tokenizer.Decode(document.Tokens, showSpecial: true);
        Assert.StartsWith("<|im_start|>system\nBe short.\n\n<tools>\n{\"name\": \"calculator\"", whole, StringComparison.Ordinal);
        Assert.EndsWith(
            "<|im_start|>user\n<tool_response>\n6\n</tool_response><|im_end|>\n<|im_start|>assistant\nIt is 6.<|im_end|>",
            whole, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => encoder.Encode(dialogue, 20));

        string Text(Document document, bool learnt) => tokenizer.Decode(
            document.Tokens.Where((_, i) => document.Learnt[i] == learnt).ToArray(), showSpecial: true);
    }

    private static IEnumerable<string> Facts(string table) => ((StaticTable)Corpus.Tables.Find(table)!).Rows.Select(row => row[0]);

    private static string Root([CallerFilePath] string here = "") =>
        Directory.GetParent(here)!.Parent!.Parent!.Parent!.FullName;
}
