using System.Runtime.CompilerServices;
using Causerie.Chat;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Limits;

/// <summary>Charges the tokens of another model's answers to who asked, also those that nobody waits for.</summary>
internal sealed class ChargedModel(IChatModel inner, RateLimits limits) : IChatModel
{
    public IReadOnlyList<ModelCard> Models => inner.Models;

    public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var events = inner.StreamAsync(request, cancellationToken);
        return limits.IsOn ? ChargeAsync(events, Caller.AccountOf(request.Client), cancellationToken) : events;
    }

    private async IAsyncEnumerable<ChatEvent> ChargeAsync(
        IAsyncEnumerable<ChatEvent> events, string account, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int pieces = 0;
        TokenUsage? usage = null;
        try
        {
            await foreach (var chatEvent in events.WithCancellation(cancellationToken))
            {
                pieces += chatEvent is ChatText or ChatThinking or ChatToolCall ? 1 : 0;
                usage = (chatEvent as ChatFinished)?.Usage ?? usage;
                if (usage is not null)
                    Charge();
                yield return chatEvent;
            }
        }
        finally
        {
            Charge();
        }

        // An answer that was cut off has no usage; each piece is at least one token.
        void Charge()
        {
            limits.Charge(account, usage?.TotalTokens ?? pieces);
            (usage, pieces) = (null, 0);
        }
    }
}
