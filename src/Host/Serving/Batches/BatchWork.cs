using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Causerie.Conversations.Storage;
using Causerie.Gateway.Dialects.OpenAi;
using Causerie.Gateway.Dialects.OpenAi.Batches;
using Causerie.Gateway.Dialects.OpenAi.Files;

namespace Causerie.Host.Serving.Batches;

/// <summary>One batch at work: looks at its lines, answers them, and puts its files in place.</summary>
/// <remarks>
/// It can be killed at any point and begin anew: a line that the journal holds is not answered again, and once it is
/// certain how the batch ends, only its files remain to be put in place, which may be done twice.
/// </remarks>
/// <param name="batch">What its caller sees.</param>
/// <param name="ticket">What else is known of it.</param>
/// <param name="place">What all batches share.</param>
/// <param name="log">Told of trouble.</param>
/// <param name="stop">The server stops: no further request is sent.</param>
/// <param name="kill">The server is gone: requests that run are left.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A cancellation without a deadline holds nothing to dispose.")]
internal sealed partial class BatchWork(
    BatchObject batch, BatchTicket ticket, BatchPlace place, ILogger log, CancellationToken stop, CancellationToken kill)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1); // where the disk is full or gone

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancel = new();
    private BatchTicket _ticket = ticket;

    /// <summary>The batch as it stands.</summary>
    public JsonObject Now()
    {
        lock (_gate)
            return batch.ToJson();
    }

    /// <summary>Asks it to end; what is answered by then is kept.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (batch.Status is not (BatchObject.Validating or BatchObject.InProgress))
                return;
            batch.Become(BatchObject.Cancelling, place.Clock.GetUtcNow());
            Save();
        }

        _cancel.Cancel();
    }

    /// <summary>Works until the batch or the server ends.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            try
            {
                Finish(_ticket.Ending ?? Decide(await AnswerAsync()));
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return; // it goes on at the next start
            }
#pragma warning disable CA1031 // Whatever stands in the way, a batch is not lost for it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogTrouble(log, failure, batch.Id);
            }

            await Task.Delay(Pause, place.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
        }
    }

    private async Task<string> AnswerAsync()
    {
        if (batch.Status == BatchObject.Cancelling)
            await _cancel.CancelAsync(); // before the server was stopped
        var rest = batch.Expires - place.Clock.GetUtcNow();
        using var over = new CancellationTokenSource(rest < TimeSpan.Zero ? TimeSpan.Zero : rest, place.Clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_cancel.Token, over.Token);
        await using var input = place.Files.Find(batch.InputFileId, _ticket.Asker.Owner) is { } file ? place.Files.Read(file) : null;
        if (input is null)
        {
            lock (_gate)
                batch.Complain([(Errors.Invalid("The input file is deleted or expired.", "input_file_id", "input_file_not_found"), null)]);
            return BatchObject.Failed;
        }

        try
        {
            if (batch.Total == 0 && !await ValidateAsync(input, ending.Token))
                return BatchObject.Failed;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return _cancel.IsCancellationRequested ? BatchObject.Cancelled : BatchObject.Expired;
        }

        input.Seek(0, SeekOrigin.Begin);
        await using var journal = await BatchJournal.OpenAsync(place.Folder, batch.Id);
        Count(journal);
        var sending = new BatchSending(batch.Endpoint, _ticket.Asker, place, journal)
        {
            Ending = ending.Token,
            Stop = stop,
            Kill = kill,
            Unanswered = () => _cancel.IsCancellationRequested
                ? ("batch_cancelled", "The batch was cancelled before this request was answered.")
                : ("batch_expired", "The batch's time was over before this request was answered."),
            Moved = () => Count(journal),
        };
        await sending.RunAsync(input);
        return over.IsCancellationRequested ? BatchObject.Expired : BatchObject.Completed;
    }

    private async Task<bool> ValidateAsync(Stream input, CancellationToken ending)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending, stop);
        var seen = await BatchValidation.OfAsync(input, batch.Endpoint, place.LongestLine, either.Token);
        either.Token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!seen.Errors.IsEmpty)
            {
                batch.Complain(seen.Errors);
                return false;
            }

            batch.Learn(seen.Total, seen.Model);
            if (batch.Status == BatchObject.Validating)
                batch.Become(BatchObject.InProgress, place.Clock.GetUtcNow());
            Save();
            return true;
        }
    }

    /// <summary>How it ends, from here on whatever happens.</summary>
    private string Decide(string ending)
    {
        lock (_gate)
        {
            var now = place.Clock.GetUtcNow();
            if (batch.Status == BatchObject.Cancelling)
                ending = BatchObject.Cancelled;
            else if (ending == BatchObject.Completed)
                batch.Become(BatchObject.Finalizing, now);
            var ticket = _ticket with { Ending = ending };
            place.Objects.Put(Kept(now), ticket.ToObject(now));
            _ticket = ticket;
            return ending;
        }
    }

    private void Finish(string ending)
    {
        string? outputs = Adopt(BatchJournal.Outputs(place.Folder, batch.Id), _ticket.OutputFileId, "output");
        string? errors = Adopt(BatchJournal.Errors(place.Folder, batch.Id), _ticket.ErrorFileId, "error");
        lock (_gate)
        {
            batch.Wrote(outputs, errors);
            if (batch.Status != ending)
                batch.Become(ending, place.Clock.GetUtcNow());
            Save();
        }

        place.Objects.Delete(BatchTicket.Kind, batch.Id, _ticket.Asker.Owner);
    }

    // A file without a line is none.
    private string? Adopt(string path, string id, string what)
    {
        string owner = _ticket.Asker.Owner;
        if (place.Files.Find(id, owner) is null && new FileInfo(path) is not { Exists: true, Length: > 0 })
        {
            File.Delete(path);
            return null;
        }

        var now = DateTimeOffset.FromUnixTimeSeconds(place.Clock.GetUtcNow().ToUnixTimeSeconds());
        place.Files.Adopt(path, new ApiFile(
            id, owner, $"{batch.Id}_{what}.jsonl", FileObject.BatchOutput, 0, now, now + _ticket.OutputLifetime));
        return id;
    }

    private void Count(BatchJournal journal)
    {
        lock (_gate)
            batch.Count(journal.Completed, journal.Failed, journal.Usage);
    }

    private void Save() => place.Objects.Put(Kept(place.Clock.GetUtcNow()));

    private ApiObject Kept(DateTimeOffset now) =>
        new(BatchObject.Kind, batch.Id, _ticket.Asker.Owner, now, batch.ToJson().ToJsonString());

    [LoggerMessage(6, LogLevel.Error, "The batch {Batch} stands still, and is tried again")]
    private static partial void LogTrouble(ILogger logger, Exception failure, string batch);
}
