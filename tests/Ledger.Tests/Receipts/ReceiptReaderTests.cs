using System.Text;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Ledger.Receipts;

namespace Causerie.Ledger.Tests.Receipts;

/// <summary>What was written reads back; whatever else it may be is refused, and nothing but a refusal comes of it.</summary>
public sealed class ReceiptReaderTests
{
    private static readonly byte[] Written = ReceiptWriter.Write(Samples.Receipt);

    public static TheoryData<string, string, string> Spoilt => new()
    {
        { "\"object\":\"receipt\",", "", "The field 'object' is missing." },
        { "\"version\":1", "\"version\":2", "The field 'version' is 2; this program reads version 1." },
        { "rcpt_", "rcpt-", "The field 'id' is no name of a receipt." },
        { "2026-07-14T15:09:26Z", "yesterday", "The field 'created' is no time" },
        { "\"kv\":\"f16\"", "\"kv\":\"f8\"", "The field 'engine.kv' must be f16, q8_0 or f32." },
        { "\"context_length\":2048", "\"context_length\":4", "The field 'output_tokens' does not fit" },
        { "\"size\":7", "\"size\":-7", "The field 'model.files[1].size' must be from 0" },
        { "\"size\":7", "\"size\":\"7\"", "The field 'model.files[1].size' must be an integer." },
        { "aaaa\"", "aaaA\"", "The field 'model.files[0].sha256' must be 64 hexadecimal digits" },
        { "\"role\":\"user\"", "\"role\":\"sage\"", "The field 'request.messages[2].role' must be" },
        { "\"content\":\"é\"", "\"content\":null", "The field 'request.messages[3].content' must be a string." },
        { "\"max_tokens\":12", "\"max_tokens\":0", "The field 'request.max_tokens' must be from 1" },
        { "[1,22,333]", "[]", "The field 'prompt_tokens' is empty." },
        { "[1,22,333]", "[1,22,-333]", "The field 'prompt_tokens[2]' must be from 0" },
        { "[1,22,333]", "[1,22,33.5]", "The field 'prompt_tokens[2]' must be an integer." },
        { "\"temperature\":0.1", "\"temperature\":true", "The field 'sampling.temperature' must be a number." },
        { "\"temperature\":0.1", "\"temperature\":1e999", "The field 'sampling.temperature'" },
        { "\"top_p\":0.95", "\"top_p\":1.5", "The field 'sampling.top_p' is out of range" },
        { "\"9\":-1.5", "\"nine\":-1.5", "The field 'sampling.logit_bias.nine' is named by no token id." },
        { "\"9\":-1.5", "\"03\":-1.5", "The field 'sampling.logit_bias.03' names a token that has a bias already." },
        { "\"seed\":\"1", "\"seed\":\"-1", "The field 'sampling.seed' must be a whole number" },
        { "\"seed\":\"1", "\"speed\":\"1", "A receipt has no field 'sampling.speed'." },
        { "[44,2]", "[44]", "The field 'logit_digests' has 2 digests for 1 tokens." },
        { "\"finish_reason\":\"stop\"", "\"finish_reason\":\"bored\"", "The field 'finish_reason' must be" },
        { "\"text\":", "\"extra\":1,\"text\":", "A receipt has no field 'extra'." },
        { "\"text\":\"Bien", "\"text\":\"\\ud800", "The field 'text' is no text" },
        { "\"stop\":[\"\\n\\n\"", "\"stop\":[\"\"", "The field 'request.stop' holds an empty text." },
        { "\"id\":\"tiny\"", "\"id\":\"tiny\",\"id\":\"x\"", "The file is no receipt, for it is not JSON" },
        { "{\"object\"", "[{\"object\"", "The file is no receipt, for it is not JSON" },
    };

    [Fact]
    public void What_was_written_reads_back()
    {
        var read = ReceiptReader.Read(Written);
        Assert.Equal(Written, ReceiptWriter.Write(read));
        Assert.Equal(Samples.Receipt.Messages, read.Messages);
        Assert.Equal(Samples.Receipt.Created, read.Created);
        Assert.Equal(ulong.MaxValue, read.Trace.Sampling.Seed);
        Assert.Equal(float.NegativeInfinity, read.Trace.Sampling.LogitBias[3]);
        Assert.Equal(Samples.Trace.Files, read.Trace.Files);
        ReceiptReader.Read((byte[])[.. Written, (byte)'\n']);
    }

    [Fact]
    public void One_altered_byte_anywhere_is_found()
    {
        for (int at = 0; at < Written.Length; at++)
        {
            foreach (byte other in (byte[])[(byte)' ', (byte)'0', (byte)'f', (byte)'"', (byte)(Written[at] ^ 0x20), (byte)(Written[at] ^ 1)])
            {
                if (other == Written[at])
                    continue;
                byte[] altered = [.. Written];
                altered[at] = other;
                Assert.Throws<ReceiptException>(() => ReceiptReader.Read(altered));
            }

            Assert.Throws<ReceiptException>(() => ReceiptReader.Read((byte[])[.. Written[..at], .. Written[(at + 1)..]]));
            Assert.Throws<ReceiptException>(() => ReceiptReader.Read((byte[])[.. Written[..at], (byte)' ', .. Written[at..]]));
            Assert.Throws<ReceiptException>(() => ReceiptReader.Read(Written.AsMemory(0, at)));
        }
    }

    [Fact]
    public void A_change_of_meaning_and_a_change_of_form_are_told_apart()
    {
        var meaning = Assert.Throws<ReceiptException>(() => ReceiptReader.Read(Replace("[44,2]", "[45,2]")));
        Assert.True(meaning.Altered);
        Assert.Contains("what it holds has the hash", meaning.Message);
        string indented = JsonNode.Parse(Written)!.ToJsonString(new() { WriteIndented = true });
        var form = Assert.Throws<ReceiptException>(() => ReceiptReader.Read(Encoding.UTF8.GetBytes(indented)));
        Assert.True(form.Altered);
        Assert.Contains("formatted anew", form.Message);
    }

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void What_is_wrong_is_named(string part, string replacement, string complaint)
    {
        var refusal = Assert.Throws<ReceiptException>(() => ReceiptReader.Read(Replace(part, replacement)));
        Assert.StartsWith(complaint, refusal.Message);
        Assert.False(refusal.Altered);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"object\":")]
    [InlineData("\u0000")]
    public void What_is_no_receipt_at_all_is_refused(string text) =>
        Assert.Throws<ReceiptException>(() => ReceiptReader.Read(Encoding.UTF8.GetBytes(text)));

    /// <summary>Pieces of receipts put together at random: every one is refused in words, and none with another fault.</summary>
    [Fact]
    public void Garbage_is_refused_in_words()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] garbage = [.. Written];
            for (int edits = random.Next(1, 6); edits > 0; edits--)
            {
                int from = random.Next(garbage.Length), length = random.Next(0, Math.Min(40, garbage.Length - from));
                int to = random.Next(garbage.Length);
                garbage = random.Next(3) switch
                {
                    0 => [.. garbage[..from], .. garbage[(from + length)..]],
                    1 => [.. garbage[..to], .. garbage[from..(from + length)], .. garbage[to..]],
                    _ => [.. garbage[..to], (byte)random.Next(256), .. garbage[Math.Min(to + 1, garbage.Length)..]],
                };
                if (garbage.Length == 0)
                    break;
            }

            if (!garbage.AsSpan().SequenceEqual(Written) && !garbage.AsSpan().SequenceEqual((byte[])[.. Written, (byte)'\n']))
                Assert.Throws<ReceiptException>(() => ReceiptReader.Read(garbage));
        }
    }

    [Fact]
    public void Halves_of_surrogate_pairs_are_kept_as_what_JSON_has_for_them()
    {
        byte[] written = ReceiptWriter.Write(Samples.Receipt with { Text = "a\ud800" });
        Assert.Equal("a\ufffd", ReceiptReader.Read(written).Text);
    }

    private static byte[] Replace(string part, string replacement)
    {
        string text = Encoding.UTF8.GetString(Written);
        int at = text.IndexOf(part, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{part} is not in {text}");
        return Encoding.UTF8.GetBytes(text[..at] + replacement + text[(at + part.Length)..]);
    }

    [Fact]
    public void A_text_with_a_hole_is_written_and_read()
    {
        byte[] written = ReceiptWriter.Write(Samples.Receipt with { Messages = [], Prompt = "int a = ", Suffix = ";\n\"é\"" });
        var read = ReceiptReader.Read(written);
        Assert.Equal(("int a = ", ";\n\"é\""), (read.Prompt, read.Suffix));
        Assert.Equal(written, ReceiptWriter.Write(read));
        Assert.Null(ReceiptReader.Read(Written).Suffix);
    }

    [Fact]
    public void Tools_and_forms_of_answers_are_written_and_read()
    {
        var receipt = Samples.Receipt with
        {
            Messages =
            [
                new ChatMessage(ChatRole.User, "q"),
                new ChatMessage(ChatRole.Assistant, "") { Thinking = "hm", ToolCalls = [new ToolCall("c1", "f", "{\"é\":1}")] },
                new ChatMessage(ChatRole.Tool, "r") { ToolCallId = "c1", Name = "f" },
            ],
            Grammar = new AnswerGrammar("json_schema", "{\"type\":\"object\"}"),
            Tools = [new ChatTool("f", "{}") { Description = "d", Strict = true }, new ChatTool("g", "{\"type\":\"object\"}") { Strict = true, Input = new AnswerGrammar("lark", "start: \"é\"") }],
            ToolChoice = new ToolChoice(ToolMode.Required) { Allowed = ["f"] },
            ParallelToolCalls = false,
            ReasoningEffort = "low",
            Reason = FinishReason.ToolCalls,
        };
        byte[] written = ReceiptWriter.Write(receipt);
        var read = ReceiptReader.Read(written);
        Assert.Equal(written, ReceiptWriter.Write(read));
        Assert.Equal((receipt.Grammar, false, "low", FinishReason.ToolCalls), (read.Grammar, read.ParallelToolCalls, read.ReasoningEffort, read.Reason));
        Assert.Equal(receipt.Tools.AsEnumerable(), read.Tools);
        Assert.Equal((ToolMode.Required, "f"), (read.ToolChoice.Mode, string.Join(',', read.ToolChoice.Allowed)));
        Assert.Equal(receipt.Messages[1].ToolCalls.AsEnumerable(), read.Messages[1].ToolCalls);
        Assert.Equal(("hm", "c1"), (read.Messages[1].Thinking, read.Messages[2].ToolCallId));
    }
}
