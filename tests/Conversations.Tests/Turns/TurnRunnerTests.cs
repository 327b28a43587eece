using Causerie.Chat;
using Causerie.Conversations;
using Causerie.Conversations.Turns;

namespace Causerie.Tests;

public sealed class TurnRunnerTests : IDisposable
{
    private readonly Place _place = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Answers_in_the_background_and_keeps_the_answer()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => ["Good ", "day", "."]);
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Hello\nyou", ConversationSettings.Default);
        await turn.Completion;

        Assert.Equal("Hello", conversation.Title);
        var branch = db.Tree(conversation.Id)!.Branch;
        Assert.Equal(["Hello\nyou", "Good day."], branch.Select(m => m.Text));
        Assert.Equal(MessageState.Complete, branch[1].State);
        Assert.Equal("scripted", branch[1].Model);
        Assert.Equal(3, branch[1].Usage!.CompletionTokens);
        Assert.Null(turns.Running(conversation.Id));
        Assert.True(turn.View().Ended);
        Assert.Single(db.Search("good day", 9));
    }

    [Fact]
    public async Task Thinking_is_kept_as_models_write_it()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => ["Good ", "day."]) { Thoughts = ["Hm, ", "well"] };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Hello", ConversationSettings.Default);
        await turn.Completion;
        Assert.Equal("<think>\nHm, well\n</think>\n\nGood day.", db.Tree(conversation.Id)!.Branch[1].Text);
    }

    [Fact]
    public async Task Asks_with_the_conversation_so_far_and_its_settings()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => ["Yes."]);
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var settings = new ConversationSettings("scripted", "Be brief.", 0.25);
        var (conversation, turn) = turns.Begin("One?", settings);
        await turn.Completion;
        await turns.Ask(conversation.Id, "Two?").Completion;

        var asked = model.Asked.Last();
        Assert.Equal("scripted", asked.Model);
        Assert.Equal(0.25, asked.Sampling.Temperature);
        Assert.Equal(
            [(ChatRole.System, "Be brief."), (ChatRole.User, "One?"), (ChatRole.Assistant, "Yes."), (ChatRole.User, "Two?")],
            asked.Messages.Select(m => (m.Role, m.Text)));
    }

    [Fact]
    public async Task Answering_again_makes_a_version_and_rewording_makes_a_branch()
    {
        using var db = _place.Open();
        int n = 0;
        var model = new ScriptedModel(_ => [$"Answer {++n}."]);
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        await turns.AnswerAgain(conversation.Id, turn.Message).Completion;

        var tree = db.Tree(conversation.Id)!;
        Assert.Equal(["Q", "Answer 2."], tree.Branch.Select(m => m.Text));
        Assert.Equal(["Answer 1.", "Answer 2."], tree.VersionsOf(tree.Branch[1]).Select(m => m.Text));
        Assert.Equal(ChatRole.User, Assert.Single(model.Asked.Last().Messages).Role);

        turns.Show(conversation.Id, turn.Message);
        Assert.Equal("Answer 1.", db.Tree(conversation.Id)!.Branch[^1].Text);

        await turns.Reword(conversation.Id, tree.Branch[0].Id, "Q, better put").Completion;
        tree = db.Tree(conversation.Id)!;
        Assert.Equal(["Q, better put", "Answer 3."], tree.Branch.Select(m => m.Text));
        turns.Show(conversation.Id, tree.VersionsOf(tree.Branch[0])[0].Id);
        Assert.Equal(["Q", "Answer 2."], db.Tree(conversation.Id)!.Branch.Select(m => m.Text));
    }

    [Fact]
    public async Task A_question_without_an_answer_can_be_answered()
    {
        using var db = _place.Open();
        await using var turns = new TurnRunner(db, new ScriptedModel(_ => ["A"]), TimeProvider.System);
        string id = db.Create("t", ConversationSettings.Default).Id;
        long question = db.Add(id, null, ChatRole.User, "Q", MessageState.Complete).Id;
        await turns.AnswerAgain(id, question).Completion;
        Assert.Equal(["Q", "A"], db.Tree(id)!.Branch.Select(m => m.Text));
    }

    [Fact]
    public async Task Stopping_keeps_what_was_written()
    {
        using var db = _place.Open();
        var model = Held(out var held, _ => ["one ", "two ", "never"], at: 2);
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Count", ConversationSettings.Default);
        await held;
        turn.Stop();
        await turn.Completion;
        turn.Stop();

        var answer = db.Tree(conversation.Id)!.Branch[^1];
        Assert.Equal(("one two ", MessageState.Stopped), (answer.Text, answer.State));
    }

    [Fact]
    public async Task Goes_on_with_an_answer_at_its_end()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(r => r.Messages.Length == 1 ? ["one two "] : ["three"])
        {
            Finish = FinishReason.Length,
        };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Count", ConversationSettings.Default);
        await turn.Completion;
        Assert.Equal(MessageState.CutShort, db.Tree(conversation.Id)!.Branch[^1].State);

        model.Finish = FinishReason.Stop;
        await turns.GoOn(conversation.Id, turn.Message, "Go on.").Completion;
        var branch = db.Tree(conversation.Id)!.Branch;
        Assert.Equal(["Count", "one two three"], branch.Select(m => m.Text));
        Assert.Equal(MessageState.Complete, branch[^1].State);
        Assert.Equal(["Count", "one two ", "Go on."], model.Asked.Last().Messages.Select(m => m.Text));
        Assert.Throws<ChatException>(() => turns.GoOn(conversation.Id, turn.Message, "Go on."));
    }

    [Fact]
    public async Task The_end_of_the_program_interrupts_and_keeps()
    {
        string id;
        using (var db = _place.Open())
        {
            var model = Held(out var held, _ => ["half ", "never"], at: 1);
            var turns = new TurnRunner(db, model, TimeProvider.System);
            (var conversation, _) = turns.Begin("Q", ConversationSettings.Default);
            id = conversation.Id;
            await held;
            await turns.DisposeAsync();
            Assert.Throws<ChatException>(() => turns.Ask(id, "more"));
        }

        using var again = _place.Open();
        var answer = again.Tree(id)!.Branch[^1];
        Assert.Equal(("half ", MessageState.Interrupted), (answer.Text, answer.State));
    }

    [Fact]
    public async Task Saves_while_it_writes_but_no_more_often_than_asked()
    {
        var time = new ManualTime();
        using var db = _place.Open(time);
        var model = Held(out var held, _ => ["one ", "two ", "three"], at: 2);
        await using var turns = new TurnRunner(db, model, time, new TurnOptions { SaveEvery = TimeSpan.FromSeconds(1) });
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await held;
        Assert.Equal("one two ", turn.View().Text);
        Assert.Equal("", db.Tree(conversation.Id)!.Branch[^1].Text);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal("", db.Tree(conversation.Id)!.Branch[^1].Text);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var saved = db.Tree(conversation.Id)!.Branch[^1];
        Assert.Equal(("one two ", MessageState.Writing), (saved.Text, saved.State));
    }

    [Fact]
    public async Task A_refusal_is_kept_with_its_reason_and_can_be_tried_again()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => ["part"])
        {
            Death = new ChatException(ChatErrorKind.ContextLengthExceeded, "Too long by 12 tokens."),
        };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        var failed = db.Tree(conversation.Id)!.Branch[^1];
        Assert.Equal(("part", MessageState.Failed), (failed.Text, failed.State));
        Assert.Equal(new Failure(ChatErrorKind.ContextLengthExceeded, "Too long by 12 tokens."), failed.Failure);

        model.Death = null;
        await turns.AnswerAgain(conversation.Id, turn.Message).Completion;
        Assert.Equal(MessageState.Complete, db.Tree(conversation.Id)!.Branch[^1].State);
    }

    [Fact]
    public async Task A_fault_of_the_model_is_kept_as_a_fault()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => []) { Death = new InvalidOperationException("boom") };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        var failure = db.Tree(conversation.Id)!.Branch[^1].Failure;
        Assert.Equal(new Failure(ChatErrorKind.Internal, "InvalidOperationException: boom"), failure);
    }

    [Fact]
    public async Task Without_a_model_the_question_is_kept_and_told_so()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => []) { Models = [] };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await turn.Completion;
        Assert.Equal(ChatErrorKind.ModelNotFound, db.Tree(conversation.Id)!.Branch[^1].Failure!.Kind);
    }

    [Fact]
    public async Task Two_questions_in_a_row_are_asked_as_one()
    {
        using var db = _place.Open();
        var model = new ScriptedModel(_ => []) { Death = new ChatException(ChatErrorKind.Unavailable, "down") };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("First", ConversationSettings.Default);
        await turn.Completion;
        await turns.Ask(conversation.Id, "Second").Completion;
        Assert.Equal("First\n\nSecond", Assert.Single(model.Asked.Last().Messages).Text);
    }

    [Fact]
    public async Task One_answer_at_a_time_in_a_conversation_and_many_in_many()
    {
        using var db = _place.Open();
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel(r => [r.Messages[0].Text, "!"]) { BeforePiece = (_, c) => gate.Task.WaitAsync(c) };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var begun = Enumerable.Range(0, 10)
            .Select(i => turns.Begin($"Q{i}", ConversationSettings.Default)).ToArray();
        Assert.Equal(10, turns.RunningIn().Count);
        Assert.Throws<ChatException>(() => turns.Ask(begun[0].Conversation.Id, "too early"));
        Assert.Throws<ChatException>(() => turns.AnswerAgain(begun[0].Conversation.Id, begun[0].Turn.Message));
        gate.SetResult();
        await Task.WhenAll(begun.Select(b => b.Turn.Completion));
        Assert.All(begun, b => Assert.Equal(2, db.Messages(b.Conversation.Id).Count));
        Assert.Equal("Q7!", db.Tree(begun[7].Conversation.Id)!.Branch[^1].Text);
        Assert.Empty(turns.RunningIn());
    }

    [Fact]
    public async Task Deleting_stops_the_answer_first()
    {
        using var db = _place.Open();
        var model = Held(out var held, _ => ["a", "never"], at: 1);
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (conversation, turn) = turns.Begin("Q", ConversationSettings.Default);
        await held;
        await turns.DeleteAsync(conversation.Id);
        Assert.True(turn.View().Ended);
        Assert.Null(db.Find(conversation.Id));
        Assert.Empty(turns.RunningIn());
    }

    [Fact]
    public async Task Lookers_on_see_every_version_in_order_and_the_end()
    {
        using var db = _place.Open();
        var step = new SemaphoreSlim(0);
        var model = new ScriptedModel(_ => Enumerable.Range(0, 20).Select(i => $"{i} "))
        {
            BeforePiece = (_, c) => step.WaitAsync(c),
        };
        await using var turns = new TurnRunner(db, model, TimeProvider.System);
        var (_, turn) = turns.Begin("Q", ConversationSettings.Default);
        var lookers = Enumerable.Range(0, 3).Select(_ => Task.Run(LookOn, Cancel)).ToArray();
        for (int i = 0; i < 20; i++)
        {
            step.Release();
            await Task.Yield();
        }

        foreach (var texts in await Task.WhenAll(lookers))
        {
            Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(i => $"{i} ")), texts[^1]);
            for (int i = 1; i < texts.Count; i++)
                Assert.StartsWith(texts[i - 1], texts[i], StringComparison.Ordinal);
        }

        async Task<List<string>> LookOn()
        {
            var texts = new List<string>();
            for (var view = turn.View(); ; view = await turn.NextAsync(view.Version, Cancel))
            {
                texts.Add(view.Text);
                if (view.Ended)
                    return texts;
            }
        }
    }

    [Fact]
    public async Task Tells_how_much_of_the_prompt_is_read_and_how_fast_it_writes()
    {
        var time = new ManualTime();
        using var db = _place.Open(time);
        var held = new TaskCompletionSource();
        var model = new ScriptedModel(_ => ["a", "b", "c", "d"])
        {
            BeforePiece = (i, c) =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                if (i < 3)
                    return Task.CompletedTask;
                held.TrySetResult();
                return Task.Delay(-1, c);
            },
        };
        await using var turns = new TurnRunner(db, model, time);
        var (_, turn) = turns.Begin("Q", ConversationSettings.Default);
        await held.Task;
        var view = turn.View();
        Assert.Equal((10, 10), (view.PromptTokensDone, view.PromptTokens));
        Assert.Equal(10, view.TokensPerSecond!.Value, 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public async Task An_empty_message_is_refused(string text)
    {
        using var db = _place.Open();
        await using var turns = new TurnRunner(db, new ScriptedModel(_ => []), TimeProvider.System);
        Assert.Throws<ChatException>(() => turns.Begin(text, ConversationSettings.Default));
        Assert.Empty(db.List(9));
    }

    [Fact]
    public async Task A_conversation_that_is_gone_is_refused()
    {
        using var db = _place.Open();
        await using var turns = new TurnRunner(db, new ScriptedModel(_ => []), TimeProvider.System);
        Assert.Throws<ChatException>(() => turns.Ask("none", "Q"));
        string id = db.Create("t", ConversationSettings.Default).Id;
        Assert.Throws<ChatException>(() => turns.AnswerAgain(id, 5));
        Assert.Throws<ChatException>(() => turns.Reword(id, 5, "Q"));
        Assert.Empty(turns.RunningIn());
        turns.Show(id, 5);
    }

    private static ScriptedModel Held(out Task held, Func<ChatRequest, IEnumerable<string>> script, int at)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        held = reached.Task;
        return new ScriptedModel(script)
        {
            BeforePiece = (i, cancel) =>
            {
                if (i < at)
                    return Task.CompletedTask;
                reached.TrySetResult();
                return Task.Delay(-1, cancel);
            },
        };
    }
}
