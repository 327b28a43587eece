using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Batches;

/// <summary>Sends those requests of a batch that its journal does not hold, several at once, each once.</summary>
internal sealed class BatchSending(string endpoint, Caller asker, BatchPlace place, BatchJournal journal)
{
    private const int MostTries = 5; // of a model that is not there
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    /// <summary>The batch ends: what is not answered by then is left, and that is noted.</summary>
    public required CancellationToken Ending { get; init; }

    /// <summary>The server stops: no further request is sent.</summary>
    public required CancellationToken Stop { get; init; }

    /// <summary>The server is gone: requests that run are left, to be sent again.</summary>
    public required CancellationToken Kill { get; init; }

    /// <summary>Why a request is left, for programs and for people.</summary>
    public required Func<(string Code, string Message)> Unanswered { get; init; }

    /// <summary>Told when something came of a request.</summary>
    public required Action Moved { get; init; }

    /// <summary>Sends them.</summary>
    /// <param name="input">The input file, from its first line.</param>
    /// <exception cref="OperationCanceledException">The server stopped first.</exception>
    public async Task RunAsync(Stream input)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Ending, Stop);
        var running = new List<Task>();
        try
        {
            await foreach (var line in JsonLines.ReadAsync(input, place.LongestLine, Kill))
            {
                var request = BatchLine.Read(line.Bytes, endpoint);
                if (journal.Holds(request.CustomId))
                    continue;
                if (await HasSlotAsync(either.Token))
                {
                    running.Add(Task.Run(() => OneAsync(request), CancellationToken.None));
                    if (running.Exists(one => one.IsFaulted))
                        break;
                    running.RemoveAll(one => one.IsCompletedSuccessfully);
                    continue;
                }

                Stop.ThrowIfCancellationRequested();
                await LeaveAsync(request);
            }
        }
        finally
        {
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running);
        Stop.ThrowIfCancellationRequested();
    }

    private async Task<bool> HasSlotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await place.Slots.WaitAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task OneAsync(BatchLine request)
    {
        try
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ending, Kill);
            if (await AskAsync(request, leaving.Token) is not { } reply)
                return;
            bool answered = reply.Status is >= 200 and < 300;
            await journal.AddAsync(
                BatchOutput.Answered(request.CustomId, reply.Status, reply.RequestId, reply.Body), answered, BatchUsage.Of(reply.Body));
            Moved();
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested && !Kill.IsCancellationRequested)
        {
            await LeaveAsync(request);
        }
        finally
        {
            place.Slots.Release();
        }
    }

    /// <summary>The answer; null where the server stopped before there was one.</summary>
    private async Task<BatchReply?> AskAsync(BatchLine request, CancellationToken leaving)
    {
        for (int tries = 1; ; tries++)
        {
            var reply = await place.Targets.PostAsync(endpoint, request.Body, asker, leaving);
            if (reply.Status != StatusCodes.Status503ServiceUnavailable)
                return reply;
            if (!Stop.IsCancellationRequested && reply.Code != "overloaded" && tries == MostTries)
                return reply;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(leaving, Stop);
            await Task.Delay(reply.RetryAfter ?? Wait, place.Clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Stop.IsCancellationRequested)
                return null;
            leaving.ThrowIfCancellationRequested();
        }
    }

    private async Task LeaveAsync(BatchLine request)
    {
        var (code, message) = Unanswered();
        await journal.LeaveAsync(BatchOutput.Unanswered(request.CustomId, code, message));
        Moved();
    }
}
