using Causerie.Conversations.Turns;
using Causerie.Web.State;

namespace Causerie.Web.Chat;

/// <summary>The quiet line below an answer that is being written: what the model is doing, and how fast.</summary>
internal static class LiveNote
{
    public static string Of(PageView view, TurnView turn)
    {
        var words = view.Words;
        if (turn.Text.Length > 0)
            return turn.TokensPerSecond is { } speed ? words.Speed(speed) : "";
        if (turn.PromptTokens is { } all && turn.PromptTokensDone is { } done)
            return words.Reading(done, all);
        return view.Loading.FirstOrDefault(l => l.Error is null) is { } load
            ? words.OnItsWay(load) : words.Waiting;
    }
}
