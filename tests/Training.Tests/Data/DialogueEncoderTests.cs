using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Tests.Data;

/// <summary>Openings and marks; what else is learnt of a dialogue is in <see cref="GuideDataTests"/>.</summary>
public sealed class DialogueEncoderTests
{
    private static readonly Tokenizer Tokens = Tokenizer.Create(VocabularyBuilder.Train(
        Enumerable.Repeat("the receipts of the server, the receipts of the user", 9), 275, chats: true, _ => { }, ["keys", "receipts"]));

    private static readonly Dialogue Two = new(
        "en", "keys", null, [],
        [
            new(DialogueRole.User, "the keys?"), new(DialogueRole.Assistant, "a key") { Mark = "keys" },
            new(DialogueRole.User, "the receipts of the user?"),
            new(DialogueRole.Assistant, "the receipts of the server and more than that") { Mark = "receipts" },
        ]);

    [Fact]
    public void Of_an_opening_so_many_tokens_of_the_answer_are_kept()
    {
        var dialogue = Two with { Messages = [.. Two.Messages.Skip(2)] };
        var whole = Encoder().Encode(dialogue, 1000);
        var opening = Encoder().Encode(dialogue with { IsOpening = true }, 1000);
        Assert.Equal(3, opening.Learnt.Count(learnt => learnt));
        Assert.Equal(whole.Tokens[..opening.Tokens.Length], opening.Tokens);
        Assert.True(opening.Learnt[^1] && opening.Tokens.Length < whole.Tokens.Length);
        var marked = Encoder(marks: true).Encode(dialogue with { IsOpening = true }, 1000);
        Assert.Equal(4, marked.Learnt.Count(learnt => learnt));
        Assert.Equal("<|topic:receipts|>" + Learnt(opening), Learnt(marked));
    }

    [Fact]
    public void The_last_answer_begins_with_its_mark_and_those_before_it_have_none_and_are_not_learnt()
    {
        var document = Encoder(marks: true).Encode(Two, 1000);
        Assert.Equal("<|topic:receipts|>the receipts of the server and more than that<|im_end|>", Learnt(document));
        Assert.DoesNotContain("topic:keys", Tokens.Decode(document.Tokens, showSpecial: true), StringComparison.Ordinal);
        Assert.DoesNotContain("topic", Tokens.Decode(document.Tokens), StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_hang_on_their_questions_are_learnt_wherever_they_stand_and_have_no_mark()
    {
        var dialogue = Two with { Messages = [.. Two.Messages.Select(message => message with { Mark = null })] };
        Assert.Equal("a key<|im_end|>the receipts of the server and more than that<|im_end|>", Learnt(Encoder(marks: true).Encode(dialogue, 1000)));
    }

    [Fact]
    public void Openings_are_one_exchange_whose_answer_is_always_the_same()
    {
        using var folder = new Corpus.DataFolder(
            "= a\n? one\n! two\n? and\n! three\n= b\n? <<town.name>>?\n! <<town.name>>!\n",
            "= a\n? un\n! deux\n? et\n! trois\n= b\n? <<town.name>> ?\n! <<town.name>> !\n");
        var expander = new Expander(folder.Read(), new ExpanderOptions { Openings = 1 });
        Assert.Equal(["a"], expander.Marks);
        var drawn = Enumerable.Range(0, 200).Select(i => expander.Draw(new Dice((ulong)i))).ToList();
        Assert.All(drawn, dialogue => Assert.Equal(dialogue.Topic == "a", dialogue.IsOpening));
        Assert.All(drawn.Where(dialogue => dialogue.IsOpening), dialogue => Assert.Equal(2, dialogue.Messages.Count));
        Assert.All(drawn, dialogue => Assert.Equal(dialogue.IsOpening ? "a" : null, dialogue.Messages[1].Mark));
    }

    [Fact]
    public void Topics_may_share_a_mark()
    {
        const string Book = "= far.a\n? one\n! two\n= far.b\n? two\n! three\n= farther\n? three\n! four\n";
        using var folder = new Corpus.DataFolder(Book, Book);
        var expander = new Expander(folder.Read(), new ExpanderOptions { Openings = 1, SharedMarks = ["far"] });
        Assert.Equal(["far", "farther"], expander.Marks);
        var drawn = Enumerable.Range(0, 100).Select(i => expander.Draw(new Dice((ulong)i))).ToList();
        Assert.All(drawn, dialogue => Assert.Equal(dialogue.Topic == "farther" ? "farther" : "far", dialogue.Messages[1].Mark));
        Assert.Contains("'near'", Assert.Throws<CorpusException>(
            () => new Expander(folder.Read(), new ExpanderOptions { SharedMarks = ["near"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_are_control_tokens_behind_the_others_and_need_room()
    {
        var vocabulary = Tokens.Vocabulary;
        Assert.Equal(["<|im_end|>", "<|topic:keys|>", "<|topic:receipts|>"], vocabulary.Tokens.ToArray()[^3..]);
        Assert.All(vocabulary.Kinds[^3..], kind => Assert.Equal(TokenKind.Control, kind));
        Assert.Equal(vocabulary.Tokens.Length - 3, vocabulary.Eos);
        Assert.Throws<CorpusException>(() => VocabularyBuilder.Train(["ab"], 260, chats: true, _ => { }, ["a", "b"]));
    }

    private static string Learnt(Document document) =>
        Tokens.Decode(document.Tokens.Where((_, i) => document.Learnt[i]).ToArray(), showSpecial: true);

    private static DialogueEncoder Encoder(bool marks = false) =>
        new(ChatTemplate.Parse(TinyRecipes.ChatTemplate), Tokens, new Dictionary<string, System.Text.Json.Nodes.JsonNode>()) { OpeningTokens = 3, Marks = marks };
}
