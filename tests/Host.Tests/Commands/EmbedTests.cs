using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class EmbedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_table_is_for_people()
    {
        string page = (await CommandRun.Of(
            "embed", Bert(), "--weights-cache", "off", "--compare", "Hello world", "hello world", "The lazy dog")).Succeed();
        GoldenFile.Check("tests/Golden/cli/embed.txt", page);
    }

    [Fact]
    public async Task One_text_is_a_number_a_line_and_json_holds_the_same()
    {
        string[] lines = (await CommandRun.Of("embed", Bert(), "--weights-cache", "off", "Hello world")).Succeed().TrimEnd().Split('\n');
        Assert.Equal(32, lines.Length);
        using var json = JsonDocument.Parse((await CommandRun.Of(
            ["embed", Bert(), "--weights-cache", "off", "--json"], "Hello world\n\nThe lazy dog\n")).Succeed());
        var vectors = json.RootElement.GetProperty("vectors");
        Assert.Equal(2, vectors.GetArrayLength());
        Assert.Equal(lines, vectors[0].EnumerateArray().Select(value => value.GetRawText()));
        Assert.Equal("The lazy dog", json.RootElement.GetProperty("texts")[1].GetString());
        Assert.Equal(9, json.RootElement.GetProperty("prompt_tokens").GetInt32());
        using var few = JsonDocument.Parse((await CommandRun.Of(
            "embed", Bert(), "--weights-cache", "off", "--json", "--compare", "--dimensions", "8", "a", "b")).Succeed());
        var likeness = few.RootElement.GetProperty("likeness");
        Assert.Equal(1, likeness[0][0].GetDouble(), 5);
        Assert.Equal(likeness[0][1].GetDouble(), likeness[1][0].GetDouble());
    }

    [Fact]
    public async Task What_cannot_be_done_is_said()
    {
        string tiny = TinyModel.Write(_folder["tiny.gguf"]);
        Assert.Contains("gives no embeddings", (await CommandRun.Of("embed", tiny, "--weights-cache", "off", "a")).Fail(ExitCode.Usage));
        Assert.Contains("--compare", (await CommandRun.Of("embed", tiny, "a", "b")).Fail(ExitCode.Usage));
        Assert.Contains("give a text", (await CommandRun.Of("embed", tiny, "")).Fail(ExitCode.Usage));
        Assert.Contains("give a text", (await CommandRun.Of(["embed", tiny], "\n")).Fail(ExitCode.Usage));
        Assert.Contains("at least 1", (await CommandRun.Of("embed", tiny, "--dimensions", "0", "a")).Fail(ExitCode.Usage));
    }

    [Theory]
    [InlineData("run", "Hello")]
    [InlineData("complete", "Hello")]
    [InlineData("logits", "--ids=101,102")]
    public async Task An_encoder_asked_to_write_says_what_it_is(string command, string text)
    {
        string error = (await CommandRun.Of(command, Bert(), "--weights-cache", "off", text)).Fail(ExitCode.Usage);
        Assert.Contains("is an encoder: it gives embeddings and does not write", error);
    }

    private static string Bert() => ConformanceData.Require("weights/archs/bert-cls-f16.gguf");
}
