using System.Diagnostics;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Sampling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Gguf;

/// <summary>The conformance data's broken copies of a real model, along the whole way: open, tokenize, evaluate, pick.</summary>
public sealed class MutationTests
{
    private const long MostBytes = 200_000_000;

    // The promise is a second on a quiet machine; this much means that something hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Names() =>
        ConformanceData.Root is null ? [] : [.. Cases().Select(item => item.GetProperty("name").GetString()!)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public void Is_judged_as_expected(string name)
    {
        var item = Cases().Single(item => item.GetProperty("name").GetString() == name);
        byte[] bytes = File.ReadAllBytes(ConformanceData.Require("weights/stories260K.gguf"));
        foreach (var op in item.GetProperty("ops").EnumerateArray())
            bytes = Apply(op, bytes);
        string path = Path.Combine(Path.GetTempPath(), $"causerie-{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, bytes);
        try
        {
            long before = GC.GetTotalAllocatedBytes();
            var clock = Stopwatch.StartNew();
            string? refusal = Refusal(path);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, MostBytes);
            string expect = item.GetProperty("expect").GetString()!;
            Assert.True(
                expect == "accept_or_reject" || (refusal is null) == (expect == "accept"),
                $"{name}: expected {expect}; {refusal ?? "accepted"}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The message with which the model is refused, or null where it answers.</summary>
    private static string? Refusal(string path)
    {
        try
        {
            using var model = LoadedModel.Load(path);
            int[] tokens = model.Tokenizer.Encode("Once upon a time", addSpecial: true);
            float[] last = [];
            model.Logits(tokens, (_, logits) => last = logits.ToArray(), threads: 1);
            var sampler = Sampler.Create(SamplingOptions.Greedy, model.SamplerDefaults, model.Tokenizer, seed: 1);
            Assert.InRange(sampler.Pick(last), 0, model.Parameters.VocabularySize - 1);
            return null;
        }
        catch (GgufException e)
        {
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
            Assert.NotEmpty(e.Field);
            return e.Message;
        }
        catch (ChatException e) when (e.Kind == ChatErrorKind.Internal)
        {
            // The weights were damaged so that no token can be picked.
            return e.Message;
        }
    }

    private static byte[] Apply(JsonElement op, byte[] bytes)
    {
        switch (op.GetProperty("op").GetString())
        {
            case "truncate":
                return bytes[..op.GetProperty("length").GetInt32()];
            case "write":
                Convert.FromHexString(op.GetProperty("hex").GetString()!)
                    .CopyTo(bytes, op.GetProperty("offset").GetInt32());
                return bytes;
            case "append":
                return [.. bytes, .. Convert.FromHexString(op.GetProperty("hex").GetString()!)];
            default:
                throw new InvalidDataException($"unknown operation {op}");
        }
    }

    private static IEnumerable<JsonElement> Cases()
    {
        string path = Path.Combine(ConformanceData.Root!, "gguf-bad/mutations.json");
        return JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("cases").EnumerateArray();
    }
}
