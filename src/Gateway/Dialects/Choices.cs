using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>Asks a model for several answers at once, and tells their events as they come.</summary>
public static class Choices
{
    /// <summary>The events of all answers; those of one are in its own order.</summary>
    /// <param name="model">Who answers.</param>
    /// <param name="requests">One for each answer.</param>
    /// <param name="cancellationToken">Ends all.</param>
    /// <exception cref="ChatException">One of the answers failed; the others are stopped.</exception>
    public static IAsyncEnumerable<(int Choice, ChatEvent Event)> StreamAsync(
        IChatModel model, ImmutableArray<ChatRequest> requests, CancellationToken cancellationToken) =>
        requests.Length == 1 ? OneAsync(model, requests[0], cancellationToken) : AllAsync(model, requests, cancellationToken);

    private static async IAsyncEnumerable<(int Choice, ChatEvent Event)> OneAsync(
        IChatModel model, ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chatEvent in model.StreamAsync(request, cancellationToken).WithCancellation(cancellationToken))
            yield return (0, chatEvent);
    }

    private static async IAsyncEnumerable<(int Choice, ChatEvent Event)> AllAsync(
        IChatModel model, ImmutableArray<ChatRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<(int, ChatEvent)>(requests.Length);
        var answers = requests.Select((request, choice) => AnswerAsync(request, choice)).ToArray();
        var end = EndAsync();
        try
        {
            await foreach (var item in events.Reader.ReadAllAsync(stop.Token))
                yield return item;
        }
        finally
        {
            await stop.CancelAsync();
            await end;
        }

        async Task AnswerAsync(ChatRequest request, int choice)
        {
            await Task.Yield();
            try
            {
                await foreach (var chatEvent in model.StreamAsync(request, stop.Token).WithCancellation(stop.Token))
                    await events.Writer.WriteAsync((choice, chatEvent), stop.Token);
            }
            catch (Exception failure)
            {
                events.Writer.TryComplete(failure); // the first one tells
                throw;
            }
        }

        async Task EndAsync()
        {
            await Task.WhenAll(answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            events.Writer.TryComplete();
        }
    }
}
