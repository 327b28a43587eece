using System.Text;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>A whole answer, gathered from its events, for callers that do not stream.</summary>
public sealed record ChatAnswer(ChatStarted Started, string Text, ChatFinished Finished)
{
    /// <summary>Reads <paramref name="events"/> to their end.</summary>
    /// <exception cref="ChatException">The model failed, or ended its events without finishing the answer.</exception>
    public static async Task<ChatAnswer> CollectAsync(
        IAsyncEnumerable<ChatEvent> events, CancellationToken cancellationToken)
    {
        ChatStarted? started = null;
        ChatFinished? finished = null;
        var text = new StringBuilder();
        await foreach (var chatEvent in events.WithCancellation(cancellationToken))
        {
            switch (chatEvent)
            {
                case ChatStarted s:
                    started = s;
                    break;
                case ChatText piece:
                    text.Append(piece.Text);
                    break;
                case ChatFinished f:
                    finished = f;
                    break;
            }
        }

        if (started is null || finished is null)
            throw new ChatException(ChatErrorKind.Internal, "The model stopped without finishing its answer.");
        return new ChatAnswer(started, text.ToString(), finished);
    }
}
