using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Inference;

/// <summary>Leaves out the oldest turns of a conversation that does not fit the context, where a request allows it.</summary>
/// <remarks>
/// Instructions stay, and so do the last thing that a person said and the last step of the answer to it. Turns go whole,
/// then steps of the last turn: a call with all its results, so that no result stands without its call.
/// </remarks>
internal static class Shortening
{
    private const int MostRoom = 4; // the part of the context that an answer may claim: one of so many

    /// <summary>The messages that stay, with their prompt; all of them where nothing that may go would help.</summary>
    /// <param name="request">The request.</param>
    /// <param name="contextLength">Longest prompt and answer together, in tokens.</param>
    /// <param name="encode">Makes the prompt of a request.</param>
    public static (ImmutableArray<ChatMessage> Messages, int[] Prompt) Of(
        ChatRequest request, int contextLength, Func<ChatRequest, int[]> encode)
    {
        int[] whole = encode(request);
        int room = Math.Max(1, Math.Min(request.MaxTokens ?? int.MaxValue, contextLength / MostRoom));
        if (whole.Length + room <= contextLength)
            return (request.Messages, whole);
        int[] steps = Steps(request.Messages);
        int most = steps.Length == 0 ? 0 : steps.Max();

        // More that goes is a shorter prompt, so the least that helps is found by halves.
        (ImmutableArray<ChatMessage>, int[]) best = (request.Messages, whole);
        for (int low = 1, high = most; low <= high;)
        {
            int middle = low + ((high - low) / 2);
            ImmutableArray<ChatMessage> stay = [.. request.Messages.Where((_, i) => steps[i] == 0 || steps[i] > middle)];
            int[] prompt = encode(request with { Messages = stay });
            bool fits = prompt.Length + room <= contextLength;
            if (fits || middle == most)
                best = (stay, prompt);
            if (fits)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return best;
    }

    /// <summary>When each message goes, from 1 on; 0 where it stays.</summary>
    private static int[] Steps(ImmutableArray<ChatMessage> messages)
    {
        int[] steps = new int[messages.Length];
        int lastAsked = -1;
        int lastSaid = -1; // where the last step begins
        for (int i = 0; i < messages.Length; i++)
        {
            if (messages[i].Role == ChatRole.User)
                lastAsked = i;
            if (messages[i].Role is ChatRole.User or ChatRole.Assistant)
                lastSaid = i;
        }

        var calls = new Dictionary<string, int>(StringComparer.Ordinal); // the step of each call
        int step = 0;
        bool begun = false;
        for (int i = 0; i < messages.Length; i++)
        {
            var message = messages[i];
            if (message.Role is ChatRole.System or ChatRole.Developer)
                continue;
            bool stays = i == lastAsked || i >= lastSaid;
            if (message.ToolCallId is { } id && calls.TryGetValue(id, out int its))
            {
                steps[i] = its;
            }
            else if (!stays)
            {
                // Before the last question whole turns go; behind it, what the model did and what came of it.
                if (!begun || message.Role == (i < lastAsked ? ChatRole.User : ChatRole.Assistant))
                    step++;
                steps[i] = step;
            }

            begun = !stays;
            foreach (var call in message.ToolCalls)
                calls[call.Id] = steps[i];
        }

        return steps;
    }
}
