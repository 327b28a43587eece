using System.Runtime.CompilerServices;
using System.Text;
using Causerie.Chat;

namespace Causerie.Ledger.Receipts;

/// <summary>Keeps receipts of another model's answers, of those that ask for one or of all.</summary>
/// <param name="inner">The model that answers.</param>
/// <param name="store">Where receipts are kept; null refuses requests that ask for one.</param>
/// <param name="all">Whether every answer that was made on this machine has a receipt, asked for or not.</param>
/// <param name="clock">Dates them.</param>
public sealed class ReceiptModel(IChatModel inner, ReceiptStore? store, bool all, TimeProvider clock) : IChatModel
{
    /// <inheritdoc/>
    public IReadOnlyList<ModelCard> Models => inner.Models;

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        if (request.Receipt && store is null)
            throw new ChatException(
                ChatErrorKind.Unsupported, "This server keeps no receipts, for it has no data folder.", "receipt");
        return store is not null && (all || request.Receipt)
            ? KeepAsync(request, store, cancellationToken)
            : inner.StreamAsync(request, cancellationToken);
    }

    private async IAsyncEnumerable<ChatEvent> KeepAsync(
        ChatRequest request, ReceiptStore kept, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        string model = request.Model;
        await foreach (var step in inner.StreamAsync(request with { Receipt = true }, cancellationToken))
        {
            switch (step)
            {
                case ChatStarted started:
                    model = started.Model;
                    break;
                case ChatText piece:
                    text.Append(piece.Text);
                    break;
                case ChatFinished { Trace: { } trace } finished:
                    string id = await KeepAsync(finished, trace);
                    yield return finished with { Trace = null, ReceiptId = id };
                    continue;
                case ChatFinished when request.Receipt:
                    // What a model elsewhere answers cannot be given again from here.
                    throw new ChatException(
                        ChatErrorKind.Unsupported, $"'{request.Model}' gives no receipts: it does not run on this machine.",
                        "receipt");
            }

            yield return step;
        }

        async Task<string> KeepAsync(ChatFinished finished, AnswerTrace trace)
        {
            var receipt = new Receipt
            {
                Id = ReceiptId.New(),
                Created = clock.GetUtcNow(),
                Model = model,
                Messages = trace.Messages ?? request.Messages,
                Stop = request.Stop,
                MaxTokens = request.MaxTokens,
                Prompt = request.Text,
                Suffix = request.Suffix,
                Grammar = request.Grammar,
                Tools = request.Tools,
                ToolChoice = request.ToolChoice,
                ParallelToolCalls = request.ParallelToolCalls,
                ReasoningEffort = request.ReasoningEffort,
                Trace = trace,
                Reason = finished.Reason,
                Text = text.ToString(),
            };
            try
            {
                await kept.KeepAsync(receipt, cancellationToken);
                return receipt.Id;
            }
            catch (IOException e)
            {
                // Whoever keeps receipts of all answers wants no answer without one.
                throw new ChatException(
                    ChatErrorKind.Internal, $"The receipt of the answer could not be kept: {e.Message}", "receipt", e);
            }
        }
    }
}
