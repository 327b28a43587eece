namespace Causerie.Conversations.Turns;

/// <summary>How answers are written down.</summary>
public sealed record TurnOptions
{
    /// <summary>How long words of an answer may be in memory only; what a power cut can cost.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What models are told of who asks; see <see cref="Chat.ChatRequest.Client"/>.</summary>
    public string Client { get; init; } = "page";

    /// <summary>Whose prompts may share their beginnings; see <see cref="Chat.ChatRequest.Scope"/>.</summary>
    public string Scope { get; init; } = "";
}
