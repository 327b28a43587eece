using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Tests.Scheduling;

/// <summary>Who is refused is told how long places take to become free.</summary>
public sealed class PaceTests
{
    private readonly Hand _clock = new();

    [Fact]
    public void It_is_the_mean_time_between_ends()
    {
        var pace = new Pace(_clock);
        Assert.Equal(1, pace.Next.TotalSeconds);
        pace.Begin();
        _clock.Now += 12;
        Assert.Equal(12, pace.Next.TotalSeconds);
        pace.End(1);
        _clock.Now += 8;
        pace.End(1);
        Assert.Equal(10, pace.Next.TotalSeconds);
    }

    [Fact]
    public void Only_the_last_ends_count_and_idle_times_do_not()
    {
        var pace = new Pace(_clock);
        pace.Begin();
        _clock.Now += 100_000;
        for (int i = 0; i < 40; i++)
        {
            _clock.Now += 3;
            pace.End(1);
        }
        Assert.Equal(3, pace.Next.TotalSeconds);
        _clock.Now += 1000;
        pace.Begin();
        _clock.Now += 2;
        Assert.Equal(2, pace.Next.TotalSeconds);
    }

    [Fact]
    public void It_stays_inside_its_bounds()
    {
        var pace = new Pace(_clock);
        pace.Begin();
        pace.End(10);
        Assert.Equal(1, pace.Next.TotalSeconds);
        _clock.Now += 1_000_000;
        Assert.Equal(600, pace.Next.TotalSeconds);
    }

    private sealed class Hand : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
