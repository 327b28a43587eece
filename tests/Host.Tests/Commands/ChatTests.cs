using System.Text;
using Causerie.Chat;
using Causerie.Host.Commands;
using Causerie.Host.Commands.Chatting;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

/// <summary>The chat at the keyboard, with keys from a script and a model from a script.</summary>
public sealed class ChatTests
{
    private const string Up = "\u0001U";
    private const string ControlC = "\u0001C";
    private const string ControlD = "\u0001D";

    [Fact]
    public async Task A_question_is_answered_and_remembered()
    {
        var model = new ScriptedModel("m", "Bon", "jour");
        var (code, screen) = await TalkAsync(model, "hello\r", "again\r", "/exit\r");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("Bonjour", screen);
        Assert.Equal(
            [("User", "hello"), ("Assistant", "Bonjour"), ("User", "again")],
            model.Requests.Last().Messages.Select(m => (m.Role.ToString(), m.Text)));
    }

    [Fact]
    public async Task Instructions_come_first_and_can_be_changed()
    {
        var model = new ScriptedModel("m", "ok");
        var (_, screen) = await TalkAsync(model, "/system\r", "/system Be brief.\r", "hello\r", "/system\r", ControlD);
        Assert.Contains("There are no instructions.", screen);
        var first = model.Requests.Single().Messages[0];
        Assert.Equal((ChatRole.System, "Be brief."), (first.Role, first.Text));
        Assert.Contains("Be brief.", screen);
    }

    [Fact]
    public async Task Clear_forgets_and_retry_asks_again()
    {
        var model = new ScriptedModel("m", "ok");
        await TalkAsync(model, "/retry\r", "one\r", "/retry\r", "/clear\r", "two\r", "/exit\r");
        Assert.Equal(
            ["one", "one", "two"], model.Requests.Select(r => string.Join('|', r.Messages.Select(m => m.Text))));
    }

    [Fact]
    public async Task A_refusal_leaves_the_conversation_as_it_was()
    {
        var model = new ScriptedModel("m", "ok")
        {
            Fails = (0, new ChatException(
                ChatErrorKind.ContextLengthExceeded, "The prompt has 9 tokens; the context holds 8.")),
        };
        var (_, screen) = await TalkAsync(model, "one\r", "two\r", "/exit\r");
        Assert.Contains("the context holds 8", screen);
        Assert.Contains("/clear begins anew", screen);
        Assert.Equal(["one", "two"], model.Requests.Select(r => r.Messages.Single().Text));
    }

    [Fact]
    public async Task An_interrupt_stops_the_answer_and_not_the_chat()
    {
        Terminal? terminal = null;
        var model = new ScriptedModel("m", "one ", "two ", "three")
        {
            BeforePiece = (said, stop) =>
            {
                if (said == 2)
                    Assert.True(terminal!.Interrupts.Raise());
                stop.ThrowIfCancellationRequested();
                return Task.CompletedTask;
            },
        };
        var (code, screen) = await TalkAsync(model, t => terminal = t, "hello\r", "again\r", "/exit\r");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("stopped", screen);
        Assert.Equal(["hello", "one two ", "again"], model.Requests.Last().Messages.Select(m => m.Text));
    }

    [Fact]
    public async Task An_interrupt_before_the_first_word_takes_the_question_back()
    {
        Terminal? terminal = null;
        bool once = false;
        var model = new ScriptedModel("m", "ok")
        {
            BeforePiece = (_, stop) =>
            {
                if (!once)
                    Assert.True(terminal!.Interrupts.Raise());
                once = true;
                stop.ThrowIfCancellationRequested();
                return Task.CompletedTask;
            },
        };
        await TalkAsync(model, t => terminal = t, "hello\r", "again\r", "/exit\r");
        Assert.Equal(["again"], model.Requests.Last().Messages.Select(m => m.Text));
    }

    [Fact]
    public async Task Two_interrupts_with_nothing_written_leave()
    {
        var (code, screen) = await TalkAsync(new ScriptedModel("m"), "half" + ControlC, ControlC, ControlC);
        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Contains("Ctrl-C again leaves.", screen);
    }

    [Theory]
    [InlineData("\e[200~one\rtwo\r\tthree\e[201~\r", "one\ntwo\n    three")]
    [InlineData("abc\u0001L\u0001L\u0008X\r", "Xbc")]
    [InlineData("one two\u0001W\r", "one ")]
    [InlineData("é👩‍🚀x\u0001L\u0008!\r", "é!x")]
    [InlineData("日本\u0001L語\r", "日語本")]
    public async Task Keys_edit_the_message(string keys, string expected)
    {
        var model = new ScriptedModel("m", "ok");
        await TalkAsync(model, keys, ControlD);
        Assert.Equal(expected, model.Requests.Single().Messages[0].Text);
    }

    [Fact]
    public async Task A_backslash_at_the_end_begins_a_new_line()
    {
        var model = new ScriptedModel("m", "ok");
        await TalkAsync(model, "a\\\r", "b\r", ControlD);
        Assert.Equal("a\nb", model.Requests.Single().Messages[0].Text);
    }

    [Fact]
    public async Task A_paste_without_marks_stays_one_message()
    {
        var model = new ScriptedModel("m", "ok");
        // One burst: keys are available behind each line break but the last.
        await TalkAsync(model, "one\rtwo\rthree\r", ControlD);
        Assert.Equal("one\ntwo\nthree", model.Requests.Single().Messages[0].Text);
    }

    [Fact]
    public async Task The_arrows_bring_back_what_was_written()
    {
        var model = new ScriptedModel("m", "ok");
        await TalkAsync(model, "one\r", "two\r", Up + Up + "!\r", ControlD);
        Assert.Equal("one!", model.Requests.Last().Messages[^1].Text);
    }

    [Fact]
    public async Task A_screen_is_not_commanded_by_an_answer()
    {
        var model = new ScriptedModel("m", "safe\e]0;owned\u0007\u009b31mtext\tend");
        var (_, screen) = await TalkAsync(model, "x\r", ControlD);
        Assert.Contains("safe]0;owned31mtext\tend", screen);
    }

    [Theory]
    [InlineData("LANG", "fr_FR.UTF-8", "Les consignes valent")]
    [InlineData("LC_ALL", "fr", "Les consignes valent")]
    [InlineData("LANG", "en_GB.UTF-8", "The instructions hold")]
    [InlineData("LANG", "C", "The instructions hold")]
    public async Task The_chat_speaks_the_persons_language(string variable, string value, string expected)
    {
        var (_, screen) = await TalkAsync(
            new ScriptedModel("m"), _ => { }, name => name == variable ? value : null, ["/system Bref.\r", "/exit\r"]);
        Assert.Contains(expected, screen);
    }

    [Fact]
    public async Task A_long_line_wraps_and_the_cursor_follows()
    {
        // 20 columns: prompt of 2, so 18 letters fill the first row.
        var (_, screen) = await TalkAsync(new ScriptedModel("m", "ok"), new string('x', 30) + "\r", ControlD);
        Assert.Contains($"> {new string('x', 18)}\r\n{new string('x', 12)}", screen);
    }

    private static Task<(int Code, string Screen)> TalkAsync(IChatModel model, params string[] bursts) =>
        TalkAsync(model, _ => { }, bursts);

    private static Task<(int Code, string Screen)> TalkAsync(
        IChatModel model, Action<Terminal> prepare, params string[] bursts) =>
        TalkAsync(model, prepare, _ => null, bursts);

    // Each burst of keys arrives at once, and the next one only when the first was dealt with.
    private static async Task<(int Code, string Screen)> TalkAsync(
        IChatModel model, Action<Terminal> prepare, Func<string, string?> variable, string[] bursts)
    {
        var keys = new Queue<Queue<ConsoleKeyInfo>>(bursts.Select(burst => new Queue<ConsoleKeyInfo>(Keys(burst))));
        using var output = new MemoryStream();
        var keyboard = new Keyboard(
            () =>
            {
                while (keys.Peek().Count == 0)
                    keys.Dequeue();
                return keys.Peek().Dequeue();
            },
            () => keys.Peek().Count > 0, _ => { });
        using var terminal = new Terminal(Stream.Null, output, output)
        {
            OutputRedirected = false,
            Keyboard = keyboard,
            Variable = name => name == "NO_COLOR" ? "1" : variable(name),
            Width = () => 20,
        };
        prepare(terminal);
        var settings = new ChatRequest { Model = "m", Messages = [] };
        int code = await new ChatSession(terminal, keyboard, model, settings, system: null)
            .RunAsync(TestContext.Current.CancellationToken);
        return (code, Encoding.UTF8.GetString(output.ToArray()));
    }

    // U+0001 and a letter is a key that has no character of its own.
    private static IEnumerable<ConsoleKeyInfo> Keys(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            yield return text[i] switch
            {
                '\u0001' => Special(text[++i]),
                '\r' => new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false),
                '\u0008' => new ConsoleKeyInfo('\b', ConsoleKey.Backspace, false, false, false),
                '\t' => new ConsoleKeyInfo('\t', ConsoleKey.Tab, false, false, false),
                '\e' => new ConsoleKeyInfo('\e', ConsoleKey.Escape, false, false, false),
                var letter => new ConsoleKeyInfo(letter, ConsoleKey.None, false, false, false),
            };
        }
    }

    private static ConsoleKeyInfo Special(char name) => name switch
    {
        'U' => new ConsoleKeyInfo('\0', ConsoleKey.UpArrow, false, false, false),
        'L' => new ConsoleKeyInfo('\0', ConsoleKey.LeftArrow, false, false, false),
        'C' => new ConsoleKeyInfo('\u0003', ConsoleKey.C, false, false, true),
        'D' => new ConsoleKeyInfo('\u0004', ConsoleKey.D, false, false, true),
        _ => new ConsoleKeyInfo('\u0017', ConsoleKey.W, false, false, true),
    };
}
