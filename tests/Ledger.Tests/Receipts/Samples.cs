using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Ledger.Receipts;

namespace Causerie.Ledger.Tests.Receipts;

/// <summary>A receipt with something in each field.</summary>
internal static class Samples
{
    public static AnswerTrace Trace { get; } = new()
    {
        Engine = "0.1.0",
        Instructions = "vectors of 512 bits",
        Files = [new ModelFileHash(12345678901, new string('a', 64)), new ModelFileHash(7, new string('0', 64))],
        ContextLength = 2048,
        KeysAndValues = "f16",
        LocalTime = new DateTime(2026, 7, 14, 17, 9, 26),
        Prompt = [1, 22, 333],
        Sampling = new SamplingOptions
        {
            Temperature = 0.1,
            TopK = 40,
            TopP = 0.95,
            MinP = 1e-7,
            TypicalP = 1,
            RepeatPenalty = 1.1,
            RepeatWindow = -1,
            PresencePenalty = -2,
            FrequencyPenalty = 0,
            DryMultiplier = 0,
            DryBase = 1.75,
            DryAllowedLength = 2,
            DryWindow = -1,
            DrySequenceBreakers = ["\n", "\""],
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(9, -1.5f).Add(3, float.NegativeInfinity),
            Seed = ulong.MaxValue,
        },
        Output = [44, 2],
        LogitDigests = [new string('b', 32), new string('c', 32)],
    };

    public static Receipt Receipt { get; } = new()
    {
        Id = "rcpt_0123456789abcdef0123456789abcdef",
        Created = new DateTimeOffset(2026, 7, 14, 15, 9, 26, TimeSpan.Zero),
        Model = "tiny",
        Messages =
        [
            new ChatMessage(ChatRole.System, "Be \"brief\"."), new ChatMessage(ChatRole.Developer, ""),
            new ChatMessage(ChatRole.User, "Ça va ?\n\u001b 🙂 </script>") { Name = "Zoë" },
            new ChatMessage(ChatRole.Assistant, "é"),
        ],
        Stop = ["\n\n", "END"],
        MaxTokens = 12,
        Trace = Trace,
        Reason = FinishReason.Stop,
        Text = "Bien\t😀",
    };
}
