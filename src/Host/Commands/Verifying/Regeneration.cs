using System.Text;
using Causerie.Chat;
using Causerie.Inference;
using Causerie.Ledger.Receipts;

namespace Causerie.Host.Commands.Verifying;

/// <summary>Gives a receipt's answer again, and stops at the first thing that is not the same.</summary>
internal sealed class Regeneration(LoadedModel model, Receipt receipt, int? threads, IProgress<double> progress)
{
    private readonly List<ChatEvent> _events = [];
    private readonly StringBuilder _text = new();
    private int _done;

    /// <summary>Compares prompt, tokens, logits, the way it ended and the text, in this order.</summary>
    /// <exception cref="ChatException">The receipt's request cannot be computed with this model.</exception>
    public async Task<Verdict> RunAsync(CancellationToken cancellationToken)
    {
        var plan = AnswerPlan.Of(model, Request(), receipt.Trace.LocalTime);
        if (PromptDifference(plan.Prompt) is { } other)
            return other;
        var reader = new AnswerReader(model, plan, receipt.Stop);
        var trace = receipt.Trace;
        var request = new GenerationRequest([.. trace.Prompt])
        {
            Sampling = trace.Sampling,
            Grammar = plan.Grammar,
            MaxTokens = receipt.MaxTokens,
            Digest = true,
        };
        FinishReason? reason = null;
        await using var engine = new Engine(model, new EngineOptions { MaxSequences = 1, Threads = threads });
        await foreach (var step in engine.GenerateAsync(request, cancellationToken))
        {
            if (step is GeneratedToken token)
            {
                if (TokenDifference(token.Id, token.Digest!) is { } difference)
                    return difference;
                reader.Add(token, _events);
                if (!reader.Ended)
                    continue;
                reason = reader.Reason(FinishReason.Stop);
                break;
            }

            if (step is GenerationEnded ended)
            {
                if (ended.EndToken is { } last && TokenDifference(last, ended.Digest!) is { } difference)
                    return difference;
                reader.Finish(_events);
                reason = reader.Reason(ended.Reason);
            }
        }

        foreach (var piece in _events.OfType<ChatText>())
            _text.Append(piece.Text);
        return EndDifference(reason) ?? new Verdict(
            true, "all", $"identical: {_done} tokens, digest {trace.LogitDigests[^1]}")
        {
            Tokens = _done,
            Digest = trace.LogitDigests[^1],
        };
    }

    private ChatRequest Request() => new()
    {
        Model = receipt.Model,
        Messages = receipt.Messages,
        Text = receipt.Prompt,
        // A prompt that came as token ids is written as such alone.
        TextTokens = receipt.Prompt is null && receipt.Messages.IsEmpty ? receipt.Trace.Prompt : [],
        Suffix = receipt.Suffix,
        Grammar = receipt.Grammar,
        Tools = receipt.Tools,
        ToolChoice = receipt.ToolChoice,
        ParallelToolCalls = receipt.ParallelToolCalls,
        ReasoningEffort = receipt.ReasoningEffort,
    };

    private Verdict? PromptDifference(int[] prompt)
    {
        var written = receipt.Trace.Prompt.AsSpan();
        if (written.SequenceEqual(prompt))
            return null;
        int at = written.CommonPrefixLength(prompt);
        return new Verdict(
            false, "prompt",
            $"different: the messages give another prompt than the receipt's, from token {at + 1} on")
        {
            Expected = at < written.Length ? Named(written[at]) : null,
            Got = at < prompt.Length ? Named(prompt[at]) : null,
        };
    }

    private Verdict? TokenDifference(int id, string digest)
    {
        var trace = receipt.Trace;
        if (_done == trace.Output.Length)
        {
            return Different(
                "tokens", $"the receipt ends after {_done} tokens, but the answer goes on with {Shown(id)}", null, id);
        }

        int expected = trace.Output[_done];
        if (id != expected)
        {
            return Different(
                "tokens",
                $"at token {_done + 1} of {trace.Output.Length} the receipt has {Shown(expected)}, this machine gives {Shown(id)}",
                expected, id);
        }

        if (digest != trace.LogitDigests[_done])
        {
            return Different(
                "logits",
                $"at token {_done + 1} of {trace.Output.Length} both have {Shown(id)}, but the logits are not the same bits",
                expected, id);
        }

        progress.Report((double)++_done / trace.Output.Length);
        return null;
    }

    private Verdict? EndDifference(FinishReason? reason)
    {
        var trace = receipt.Trace;
        if (_done < trace.Output.Length)
        {
            return Different(
                "tokens",
                $"the answer ends after {_done} tokens, but the receipt goes on with {Shown(trace.Output[_done])}",
                trace.Output[_done], null);
        }

        if (reason != receipt.Reason)
            return Different("finish_reason", $"the tokens are the same, but they end for another reason ({reason})", null, null);
        int at = _text.ToString().AsSpan().CommonPrefixLength(receipt.Text);
        return at == _text.Length && at == receipt.Text.Length
            ? null
            : Different("text", $"the tokens are the same, but the receipt's text is not theirs from character {at + 1} on", null, null);
    }

    private Verdict Different(string check, string how, int? expected, int? got) => new(false, check, $"different: {how}")
    {
        Tokens = _done,
        Expected = expected is { } e ? Named(e) : null,
        Got = got is { } g ? Named(g) : null,
    };

    private string Shown(int id) => $"{id} {Named(id).Text}";

    private (int Id, string Text) Named(int id) => (
        id,
        id < model.Tokenizer.Vocabulary.Tokens.Length
            ? Tokenize.Quote(model.Tokenizer.Vocabulary.Tokens[id]) : "(no text)");
}
