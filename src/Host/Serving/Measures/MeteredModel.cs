using System.Runtime.CompilerServices;
using Causerie.Chat;

namespace Causerie.Host.Serving.Measures;

/// <summary>Measures the answers of another model, whoever asks: the API, the page or the terminal.</summary>
internal sealed class MeteredModel(IChatModel inner, ServerMeter meter, TimeProvider clock) : IChatModel
{
    public IReadOnlyList<ModelCard> Models => inner.Models;

    public async IAsyncEnumerable<ChatEvent> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long last = clock.GetTimestamp();
        var events = inner.StreamAsync(request, cancellationToken);
        string model = request.Model;
        int texts = 0;
        TokenUsage? usage = null;
        meter.InFlight(1, model);
        try
        {
            await foreach (var chatEvent in events.WithCancellation(cancellationToken))
            {
                if (chatEvent is ChatText or ChatThinking or ChatToolCall)
                {
                    long now = clock.GetTimestamp();
                    var time = clock.GetElapsedTime(last, now);
                    last = now;
                    if (texts++ == 0)
                        meter.First(time, model);
                    else
                        meter.Between(time, model);
                }
                else if (chatEvent is ChatFinished finished)
                {
                    usage = finished.Usage;
                }

                yield return chatEvent;
            }
        }
        finally
        {
            meter.InFlight(-1, model);
            // An answer that was cut off has no usage; each text is at least one token.
            meter.Tokens(usage?.PromptTokens ?? 0, usage?.CompletionTokens ?? texts, model);
        }
    }
}
