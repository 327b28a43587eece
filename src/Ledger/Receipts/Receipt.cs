using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Ledger.Receipts;

/// <summary>The written trace of one answer: what was asked, what was answered, and all that decided it.</summary>
public sealed record Receipt
{
    /// <summary>Names the receipt; see <see cref="ReceiptId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>When the answer was complete, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The id that the model answered to.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation that was asked.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>The text that was gone on with, where there are no messages.</summary>
    public string? Prompt { get; init; }

    /// <summary>What was to come behind the answer to a <see cref="Prompt"/>; null where nothing was.</summary>
    public string? Suffix { get; init; }

    /// <summary>Texts that would end the answer.</summary>
    public required ImmutableArray<string> Stop { get; init; }

    /// <summary>Upper bound on generated tokens; null where none was asked for.</summary>
    public required int? MaxTokens { get; init; }

    /// <summary>What the answer was held to; null where it was free.</summary>
    public AnswerGrammar? Grammar { get; init; }

    /// <summary>What the model could call.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether it could, must or must not.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether it could make several calls.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>How long it was to think; null left it to the model.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Engine, model file, prompt, settings, tokens and digests.</summary>
    public required AnswerTrace Trace { get; init; }

    /// <summary>Why the answer ended.</summary>
    public required FinishReason Reason { get; init; }

    /// <summary>The answer as the caller got it.</summary>
    public required string Text { get; init; }
}
