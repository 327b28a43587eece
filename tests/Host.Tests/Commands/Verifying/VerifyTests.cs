using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Inference;
using Causerie.Inference.KvCache;
using Causerie.Ledger.Receipts;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands.Verifying;

/// <summary>A receipt verifies whatever else the engine did meanwhile; a changed one does not, whoever changed it how.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public VerifyTests()
    {
        Directory.CreateDirectory(_folder["models"]);
        TinyModel.Write(_folder["models", "tiny.gguf"]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(KvElement.F16)]
    [InlineData(KvElement.Q8_0)]
    public async Task Receipts_of_an_engine_under_load_verify(KvElement kv)
    {
        byte[][] receipts;
        await using (var server = await ReceiptMaker.ServeAsync(_folder.Path, load: new LoadOptions { KvElement = kv }))
        {
            receipts = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => ReceiptMaker.AskAsync(
                server, ReceiptMaker.Request("tiny", new string('a', 1 + (i * 17 % 150)), 5 + i, i % 3 / 2.0, i % 2 == 0 ? i : null))));
        }

        Assert.Contains(receipts, receipt => ReceiptReader.Read(receipt).Reason == FinishReason.Length);
        foreach (byte[] receipt in receipts)
        {
            var trace = ReceiptReader.Read(receipt).Trace;
            Assert.Equal(
                $"identical: {trace.Output.Length} tokens, digest {trace.LogitDigests[^1]}\n",
                (await Verify(receipt)).Succeed());
        }
    }

    [Theory]
    [InlineData("""{"guided_regex":"[a-z]{3,9}"}""")]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}}}}""")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"enum":[1,2]}},"required":["a"],"additionalProperties":false}}}],"tool_choice":"required","parallel_tool_calls":false}""")]
    public async Task An_answer_that_was_held_to_a_form_verifies(string fields)
    {
        byte[] receipt;
        await using (var server = await ReceiptMaker.ServeAsync(_folder.Path))
        {
            var request = ReceiptMaker.Request("tiny", "Hello", 150, 1, 5);
            foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
                request[name] = value?.DeepClone();
            receipt = await ReceiptMaker.AskAsync(server, request);
        }

        Assert.StartsWith("identical", (await Verify(receipt)).Succeed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_a_conversation_whose_oldest_turns_went_verifies()
    {
        byte[] receipt;
        await using (var server = await ReceiptMaker.ServeAsync(_folder.Path, load: new LoadOptions { ContextLength = 256 }))
        {
            string words = new('x', 300);
            var answer = await TestServer.JsonAsync(await server.PostAsync(
                $$"""{"model":"tiny","receipt":true,"truncation":"auto","max_output_tokens":5,"input":[{"role":"user","content":"{{words}}"},{"role":"assistant","content":"No."},{"role":"user","content":"Why?"}]}""",
                "/v1/responses"));
            receipt = await server.Client.GetByteArrayAsync($"/v1/receipts/{answer.GetProperty("receipt_id").GetString()}", Token);
        }

        Assert.Equal(["Why?"], ReceiptReader.Read(receipt).Messages.Select(message => message.Text));
        Assert.StartsWith("identical", (await Verify(receipt)).Succeed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_a_stop_text_or_the_model_ended_verifies()
    {
        await using var server = await ReceiptMaker.ServeAsync(_folder.Path);
        var request = Endless(60);
        string text = ReceiptReader.Read(await ReceiptMaker.AskAsync(server, request)).Text;
        request["stop"] = text[3..5];
        byte[] stopped = await ReceiptMaker.AskAsync(server, request);
        Assert.Equal((FinishReason.Stop, text[..text.IndexOf(text[3..5], StringComparison.Ordinal)]),
            (ReceiptReader.Read(stopped).Reason, ReceiptReader.Read(stopped).Text));
        (await Verify(stopped)).Succeed();

        request.Remove("stop");
        request["logit_bias"] = new JsonObject { [$"{TinyModel.TurnEnd}"] = 6 };
        byte[] ended = await ReceiptMaker.AskAsync(server, request);
        Assert.Equal(TinyModel.TurnEnd, ReceiptReader.Read(ended).Trace.Output[^1]);
        (await Verify(ended)).Succeed();
    }

    [Fact]
    public async Task One_altered_character_anywhere_fails()
    {
        byte[] receipt = await Receipt();
        for (int at = 0; at < receipt.Length; at += 1 + (receipt.Length / 150))
        {
            byte[] altered = [.. receipt];
            altered[at] = altered[at] == (byte)'7' ? (byte)'8' : (byte)'7';
            var run = await Verify(altered);
            Assert.True(run.Code is ExitCode.Failure or ExitCode.Usage, $"byte {at}: {run.Out}");
            Assert.DoesNotContain("identical", run.Out);
        }
    }

    /// <summary>Whoever alters a receipt can compute its hash anew; the model cannot be talked into another answer.</summary>
    [Fact]
    public async Task An_alteration_with_a_hash_of_its_own_fails_by_what_was_altered()
    {
        var honest = ReceiptReader.Read(await Receipt());
        var trace = honest.Trace;
        int other = (trace.Output[4] + 1) % TinyModel.Bos;
        await Fails("tokens", honest with { Trace = trace with { Output = trace.Output.SetItem(4, other) } }, 4);
        await Fails("tokens", honest with { Trace = trace with { Output = trace.Output[..^2], LogitDigests = trace.LogitDigests[..^2] } }, trace.Output.Length - 2);
        await Fails("tokens", honest with { Trace = trace with { Output = [.. trace.Output, 5], LogitDigests = [.. trace.LogitDigests, new string('0', 32)] } }, trace.Output.Length);
        await Fails("logits", honest with { Trace = trace with { LogitDigests = trace.LogitDigests.SetItem(3, new string('0', 32)) } }, 3);
        await Fails("prompt", honest with { Messages = [new ChatMessage(ChatRole.User, "Something else")] }, 0);
        await Fails("prompt", honest with { Trace = trace with { Prompt = trace.Prompt.Add(5) } }, 0);
        await Fails("text", honest with { Text = honest.Text + "." }, trace.Output.Length);
        await Fails("finish_reason", honest with { Reason = FinishReason.Stop }, trace.Output.Length);
        var sampling = trace.Sampling;
        foreach (var changed in new[] { sampling with { Seed = 6 }, sampling with { Temperature = 0 }, sampling with { TopK = 1 } })
            await Fails("tokens", honest with { Trace = trace with { Sampling = changed } }, null);

        async Task Fails(string check, Receipt altered, int? tokens)
        {
            var run = await Verify(ReceiptWriter.Write(altered), "--json");
            Assert.Equal(ExitCode.Failure, run.Code);
            var verdict = JsonDocument.Parse(run.Out).RootElement;
            Assert.False(verdict.GetProperty("identical").GetBoolean());
            Assert.Equal(check, verdict.GetProperty("check").GetString());
            if (tokens is { } number)
                Assert.Equal(number, verdict.GetProperty("tokens").GetInt32());
        }
    }

    [Fact]
    public async Task The_first_difference_is_shown()
    {
        var honest = ReceiptReader.Read(await Receipt());
        int right = honest.Trace.Output[4], wrong = (right + 1) % TinyModel.Bos;
        var run = await Verify(ReceiptWriter.Write(
            honest with { Trace = honest.Trace with { Output = honest.Trace.Output.SetItem(4, wrong) } }));
        Assert.Equal(ExitCode.Failure, run.Code);
        Assert.StartsWith($"different: at token 5 of {honest.Trace.Output.Length} the receipt has {wrong} ", run.Out);
        Assert.Contains($", this machine gives {right} ", run.Out);
    }

    [Fact]
    public async Task Another_model_fails_whatever_it_is_called()
    {
        byte[] receipt = await Receipt();
        File.Delete(_folder["models", "tiny.gguf"]);
        TinyModel.Write(_folder["models", "tiny.gguf"], seed: 2);
        var named = await Verify(receipt, "--model", _folder["models", "tiny.gguf"]);
        Assert.Equal(ExitCode.Failure, named.Code);
        Assert.StartsWith("another model: ", named.Out);
        Assert.Contains("no model in", (await Verify(receipt)).Fail(ExitCode.Failure));

        TinyModel.Write(_folder["models", "renamed.gguf"]);
        (await Verify(receipt)).Succeed();
    }

    [Fact]
    public async Task What_is_no_receipt_is_a_usage_error_that_names_the_field()
    {
        string text = Encoding.UTF8.GetString(await Receipt());
        Assert.Contains("'request.stop' must be an array",
            (await Verify(Encoding.UTF8.GetBytes(text.Replace("\"stop\":[]", "\"stop\":7")))).Fail(ExitCode.Usage));
        Assert.Contains("not JSON", (await Verify("hello"u8.ToArray())).Fail(ExitCode.Usage));
        Assert.Contains("missing.json", (await CommandRun.Of("verify", _folder["missing.json"])).Fail(ExitCode.Failure));
    }

    private async Task<byte[]> Receipt()
    {
        await using var server = await ReceiptMaker.ServeAsync(_folder.Path);
        return await ReceiptMaker.AskAsync(server, Endless(24));
    }

    /// <summary>A model of random weights may end its turn at any time; this one may not.</summary>
    private static JsonObject Endless(int maxTokens)
    {
        var request = ReceiptMaker.Request("tiny", "Hello", maxTokens, seed: 5);
        request["logit_bias"] = new JsonObject { [$"{TinyModel.TurnEnd}"] = -100, [$"{TinyModel.Eos}"] = -100 };
        return request;
    }

    private Task<CommandRun> Verify(byte[] receipt, params string[] more) =>
        CommandRun.Of(["verify", "-", "--data", _folder.Path, .. more], receipt);
}
