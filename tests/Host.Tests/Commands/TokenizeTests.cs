using System.Text;
using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class TokenizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizeTests() => TinyModel.Write(Model);

    private string Model => _folder["tiny.gguf"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ids_are_one_json_array()
    {
        Assert.Equal($"[{Id("a")},{Id("b")}]\n", (await CommandRun.Of("tokenize", Model, "ab", "--json")).Succeed());
        Assert.Equal("[]\n", (await CommandRun.Of("tokenize", Model, "", "--json")).Succeed());
    }

    [Fact]
    public async Task Special_tokens_come_only_on_request()
    {
        string plain = (await CommandRun.Of("tokenize", Model, "<|im_end|>", "--json")).Succeed();
        Assert.DoesNotContain(TinyModel.TurnEnd.ToString(), plain);
        Assert.Equal(
            $"[{TinyModel.TurnEnd}]\n",
            (await CommandRun.Of("tokenize", Model, "<|im_end|>", "--json", "--parse-special")).Succeed());
        Assert.Equal(
            $"[{TinyModel.Bos},{Id("a")}]\n",
            (await CommandRun.Of("tokenize", Model, "a", "--json", "--add-special")).Succeed());
    }

    [Fact]
    public async Task Standard_input_is_taken_to_the_byte()
    {
        string expected = $"[{Id("a")},{Id("Ċ")}]\n";
        Assert.Equal(expected, (await CommandRun.Of(["tokenize", Model, "-", "--json"], "a\n")).Succeed());
        Assert.Equal(expected, (await CommandRun.Of(["tokenize", Model, "--json"], "a\n")).Succeed());
    }

    [Fact]
    public async Task A_batch_is_many_texts_at_one_start()
    {
        string output = (await CommandRun.Of(
            ["tokenize", Model, "--batch", "--json"], "\uFEFF[\"a\", \"\", \"b\\u00e9\"]")).Succeed();
        Assert.Equal($"[[{Id("a")}],[],[{Id("b")},{Id("Ã")},{Id("©")}]]\n", output);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_the_replacement_character()
    {
        string half = (await CommandRun.Of(["tokenize", Model, "--batch"], "[\"x\\ud83d\\n\"]")).Succeed();
        string replaced = (await CommandRun.Of(["tokenize", Model, "--batch"], "[\"x\\ufffd\\n\"]")).Succeed();
        Assert.Equal(replaced, half);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[\"a\"] x")]
    public async Task A_batch_that_is_none_is_a_usage_error(string input) => Assert.Contains(
        "a JSON array of texts", (await CommandRun.Of(["tokenize", Model, "--batch"], input)).Fail(ExitCode.Usage));

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused() => Assert.Contains(
        "not UTF-8",
        (await CommandRun.Of(["tokenize", Model, "-"], [(byte)'a', 0xFF, (byte)'b'])).Fail(ExitCode.Usage));

    [Fact]
    public async Task For_people_there_is_a_table()
    {
        var run = await CommandRun.Of("tokenize", Model, "a\n", "--add-special");
        Assert.Equal($"{TinyModel.Bos,8}  \"<s>\"\n{Id("a"),8}  \"a\"\n{Id("Ċ"),8}  \"Ċ\"\n", run.Succeed());
        Assert.Equal("3 tokens\n", run.Error);
    }

    [Fact]
    public async Task A_text_like_an_option_goes_behind_two_dashes()
    {
        Assert.Contains("after '--'", (await CommandRun.Of("tokenize", Model, "--a")).Fail(ExitCode.Usage));
        Assert.Equal(
            $"[{Id("-")},{Id("-")},{Id("a")}]\n",
            (await CommandRun.Of("tokenize", "--json", Model, "--", "--a")).Succeed());
    }

    [Theory]
    [InlineData("-5 degrees")]
    [InlineData("- a list")]
    [InlineData("-abc")]
    [InlineData("@file")]
    [InlineData("--- rule")]
    [InlineData("[suggest]")]
    public async Task A_text_that_only_begins_like_an_option_is_text(string text) => Assert.Equal(
        (await CommandRun.Of(["tokenize", Model, "-", "--json"], text)).Succeed(),
        (await CommandRun.Of("tokenize", Model, text, "--json")).Succeed());

    [Fact]
    public async Task Real_vocabularies_give_the_expected_ids()
    {
        foreach (string name in (string[])["stories260K.gguf", "ggml-vocab-qwen2.gguf", "ggml-vocab-llama-spm.gguf"])
        {
            string file = ConformanceData.Require($"tokenizers/expected/{name}.json");
            using var expected = JsonDocument.Parse(
                await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            string[] places = ["weights", "tokenizers/built", "tokenizers/llamacpp"];
            string model = places.Select(place => ConformanceData.Require($"{place}/{name}")).First(File.Exists);
            var cases = expected.RootElement.GetProperty("cases").EnumerateArray()
                .Where(c => !c.TryGetProperty("note", out _)).ToArray();
            string input = $"[{string.Join(',', cases.Select(c => c.GetProperty("text").GetRawText()))}]";
            foreach (var (key, flag) in ((string, string?)[])[("plain", null), ("add_special", "--add-special")])
            {
                string[] flags = flag is null ? [] : [flag];
                string[] args = ["tokenize", model, "--batch", "--json", .. flags];
                Assert.Equal(
                    $"[{string.Join(',', cases.Select(c => Compact(c.GetProperty(key))))}]\n",
                    (await CommandRun.Of(args, Encoding.UTF8.GetBytes(input))).Succeed());
            }
        }
    }

    private static string Compact(JsonElement ids) =>
        $"[{string.Join(',', ids.EnumerateArray().Select(id => id.GetRawText()))}]";

    private static int Id(string token) => Array.IndexOf(TinyModel.Tokens, token);
}
