using System.Text;
using Causerie.Host.Commands;
using Causerie.Host.Commands.Chatting;
using Causerie.Host.Commands.Loading;
using Causerie.Inference;

namespace Causerie.Host.Tests.Commands;

/// <summary>The line that shows how far a model is: where it is drawn, and that it goes.</summary>
public sealed class StatusLineTests
{
    [Fact]
    public void It_shows_what_is_done_and_goes_without_a_trace()
    {
        var (terminal, screen, time) = Make();
        using var line = new StatusLine(terminal);
        line.Show("Arranging the weights", 0.5);
        Assert.Equal("", Text(screen));
        time.Tick();
        string drawn = Text(screen);
        Assert.StartsWith(StatusLine.Erase, drawn);
        Assert.Contains("Arranging the weights", drawn);
        Assert.Contains(new string('━', 12) + "─", Plain(drawn));
        Assert.EndsWith(" 50 %", Plain(drawn));
        Assert.DoesNotContain('\n', drawn);
        line.Clear();
        Assert.EndsWith(StatusLine.Erase, Text(screen));
        time.Tick();
        Assert.EndsWith(StatusLine.Erase, Text(screen));
    }

    [Theory]
    [InlineData(true, "xterm")]
    [InlineData(false, "dumb")]
    public void Nothing_is_drawn_where_no_line_can_be_drawn_over(bool redirected, string kind)
    {
        var (terminal, screen, time) = Make(redirected, kind);
        using var line = new StatusLine(terminal);
        line.Show("Arranging the weights", 0.5);
        time.Tick();
        line.Clear();
        Assert.Equal("", Text(screen));
    }

    [Fact]
    public void A_wait_that_is_over_at_once_is_not_shown()
    {
        var (terminal, screen, time) = Make();
        using (var line = new StatusLine(terminal))
            line.Show("Arranging the weights", 0.5);
        time.Tick();
        Assert.Equal("", Text(screen));
        Assert.Equal(StatusLine.Patience, time.Due);
    }

    [Fact]
    public void It_never_takes_two_lines()
    {
        var (terminal, screen, time) = Make(width: 50);
        using var line = new StatusLine(terminal);
        line.Show("a-model-with-a-very-long-name: Reading the arranged weights", 1);
        time.Tick();
        Assert.True(Plain(Text(screen)).Length < 50, Text(screen));
    }

    [Fact]
    public void A_line_that_stays_takes_its_place()
    {
        var (terminal, screen, time) = Make();
        using var line = new StatusLine(terminal);
        line.Show("Arranging", null);
        time.Tick();
        line.WriteLine("A note.");
        Assert.EndsWith($"Arranging{StatusLine.Erase}A note.\n", Text(screen));
    }

    [Fact]
    public void Every_stage_has_its_own_words_in_both_languages()
    {
        foreach (var texts in (ChatTexts[])[ChatTexts.English, ChatTexts.French])
        {
            var words = Enum.GetValues<LoadStage>().Select(texts.Loading).ToArray();
            Assert.Equal(words.Length, words.Distinct().Count());
        }
    }

    [Theory]
    [InlineData(0.5, "0.50 ms")]
    [InlineData(41.26, "41.3 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(1842, "1.84 s")]
    [InlineData(42_000, "42.0 s")]
    [InlineData(210_000, "3.5 min")]
    public void Times_are_in_the_units_that_people_read(double milliseconds, string text) =>
        Assert.Equal(text, Duration.Text(milliseconds));

    private static (Terminal Terminal, MemoryStream Screen, OneTimer Time) Make(
        bool redirected = false, string kind = "xterm", int width = 80)
    {
        var screen = new MemoryStream();
        var time = new OneTimer();
        var terminal = new Terminal(Stream.Null, Stream.Null, screen)
        {
            ErrorRedirected = redirected,
            Variable = name => name == "TERM" ? kind : null,
            Time = time,
            Width = () => width,
        };
        return (terminal, screen, time);
    }

    private static string Text(MemoryStream screen) => Encoding.UTF8.GetString(screen.ToArray());

    private static string Plain(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, "\r|\e\\[[0-9;]*[A-Za-z]", "");

    /// <summary>A clock whose only timer fires when a test says so.</summary>
    private sealed class OneTimer : TimeProvider
    {
        private Action? _tick;

        public TimeSpan Due { get; private set; }

        public void Tick() => _tick?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            _tick = () => callback(state);
            return new Nothing();
        }

        private sealed class Nothing : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
