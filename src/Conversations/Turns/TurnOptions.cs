namespace Causerie.Conversations.Turns;

/// <summary>How answers are written down.</summary>
public sealed record TurnOptions
{
    /// <summary>How long words of an answer may be in memory only; what a power cut can cost.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}
