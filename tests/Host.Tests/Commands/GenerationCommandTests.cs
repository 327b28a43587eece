using System.Globalization;
using System.Text.Json;
using Causerie.Compute.Kernels;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

/// <summary>logits, complete, bench, and run with a question: everything that computes.</summary>
public sealed class GenerationCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public GenerationCommandTests() => TinyModel.Write(Model);

    private string Model => _folder["tiny.gguf"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Logits_read_back_exactly()
    {
        var rows = new List<float[]>();
        using (var model = LoadedModel.Load(Model))
        {
            model.Logits(
                [TinyModel.Bos, 5, 6], (_, logits) => rows.Add(logits.ToArray()), null,
                TestContext.Current.CancellationToken);
        }

        using var json = JsonDocument.Parse((await CommandRun.Of(
            "logits", Model, "--ids", $"{TinyModel.Bos},5 6", "--all", "--json", "--top", "3")).Succeed());
        var positions = json.RootElement.GetProperty("positions").EnumerateArray().ToArray();
        Assert.Equal(3, positions.Length);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(rows[i], positions[i].GetProperty("logits").EnumerateArray().Select(x => x.GetSingle()));
            var top = positions[i].GetProperty("top").EnumerateArray().ToArray();
            Assert.Equal(
                rows[i].Select((logit, id) => (logit, id)).OrderByDescending(x => x.logit).Take(3),
                top.Select(x => (x.GetProperty("logit").GetSingle(), x.GetProperty("id").GetInt32())));
        }
    }

    [Fact]
    public async Task Logits_prints_ten_unless_told_otherwise()
    {
        using var json = JsonDocument.Parse((await CommandRun.Of("logits", Model, "--ids", "1", "--json")).Succeed());
        var position = Assert.Single(json.RootElement.GetProperty("positions").EnumerateArray());
        Assert.Equal(10, position.GetProperty("top").GetArrayLength());
        Assert.False(position.TryGetProperty("logits", out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void The_largest_are_those_of_a_full_sort(int count)
    {
        float[] logits = [1, 5, -2, 5, 3, float.MinValue, 5, 0];
        Assert.Equal(
            logits.Select((logit, id) => (logit, id)).OrderByDescending(x => x.logit).ThenBy(x => x.id)
                .Take(count).Select(x => x.id),
            Logits.Largest(logits, count));
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--top=1")]
    public async Task Logits_refuses_an_id_outside_the_vocabulary(string option) => Assert.Contains(
        "999999", (await CommandRun.Of("logits", Model, "--ids", "1,999999", option)).Fail(ExitCode.Usage));

    [Fact]
    public async Task Complete_says_the_same_for_people_and_programs()
    {
        string[] args = ["complete", Model, "Once", "--max-tokens", "12", "--temperature", "0"];
        using var json = JsonDocument.Parse((await CommandRun.Of([.. args, "--json"])).Succeed());
        Assert.Equal(2, json.RootElement.EnumerateObject().Count());
        string text = json.RootElement.GetProperty("text").GetString()!;
        Assert.InRange(json.RootElement.GetProperty("tokens").GetArrayLength(), 1, 12);
        Assert.Equal(text + "\n", (await CommandRun.Of(args)).Succeed());
        Assert.Equal(text + "\n", (await CommandRun.Of([.. args[..2], "-", .. args[3..]], "Once")).Succeed());
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_text()
    {
        string[] args = ["complete", Model, "Once", "--max-tokens", "20", "--temperature", "1.5", "--seed"];
        string first = (await CommandRun.Of([.. args, "7"])).Succeed();
        Assert.Equal(first, (await CommandRun.Of([.. args, "7"])).Succeed());
        Assert.NotEqual(first, (await CommandRun.Of([.. args, "8"])).Succeed());
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_is_refused_with_the_numbers()
    {
        var run = await CommandRun.Of("complete", Model, new string('x', 100), "--context", "64");
        string error = run.Fail(ExitCode.Failure);
        Assert.Contains("64", error);
        Assert.Contains("101", error);
    }

    [Fact]
    public async Task A_context_beyond_the_models_is_refused() => Assert.Contains(
        "2048", (await CommandRun.Of("complete", Model, "x", "--context", "4096")).Fail(ExitCode.Usage));

    [Fact]
    public async Task Greedy_text_is_the_peers()
    {
        string model = ConformanceData.Require("weights/stories260K.gguf");
        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(
            ConformanceData.Require("weights/stories260K-greedy.json"), TestContext.Current.CancellationToken));
        foreach (var one in expected.RootElement.GetProperty("cases").EnumerateArray().Take(3))
        {
            int[] steps =
                [.. one.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("token").GetInt32())];
            using var json = JsonDocument.Parse((await CommandRun.Of(
                "complete", model, one.GetProperty("prompt").GetString()!, "--temperature", "0", "--json",
                "--max-tokens", steps.Length.ToString(CultureInfo.InvariantCulture))).Succeed());
            Assert.Equal(one.GetProperty("text").GetString(), json.RootElement.GetProperty("text").GetString());
            Assert.Equal(steps, json.RootElement.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()));
        }
    }

    [Fact]
    public async Task Bench_reports_every_figure()
    {
        var run = await CommandRun.Of(
            "bench", Model, "--prompt", "16", "--generate", "8", "--repetitions", "2", "--threads", "1", "--json");
        using var json = JsonDocument.Parse(run.Succeed());
        var root = json.RootElement;
        string[] spreads = ["prompt_tokens_per_second", "generation_tokens_per_second", "first_token_ms"];
        foreach (string name in spreads)
        {
            var spread = root.GetProperty(name);
            Assert.True(spread.GetProperty("min").GetDouble() <= spread.GetProperty("median").GetDouble());
            Assert.True(spread.GetProperty("median").GetDouble() <= spread.GetProperty("max").GetDouble());
        }

        Assert.Equal((16, 8, 2, 1), (
            root.GetProperty("prompt").GetInt32(), root.GetProperty("generate").GetInt32(),
            root.GetProperty("repetitions").GetInt32(), root.GetProperty("threads").GetInt32()));
        Assert.True(root.GetProperty("peak_memory_bytes").GetInt64() > 0);
        Assert.Equal(Instructions.Description, root.GetProperty("kernels").GetString());
        Assert.Contains("run 2 of 2", run.Error);
        string page = (await CommandRun.Of("bench", Model, "--prompt", "2", "--generate", "1")).Succeed();
        Assert.Contains("tokens/s", page);
        Assert.Contains("integer kernels", page);
    }

    [Fact]
    public async Task The_switch_of_emitted_kernels_is_0_or_1()
    {
        string[] args = ["logits", Model, "--ids", "1"];
        (await CommandRun.Of(args, "", ("CAUSERIE_EMITTED", "1"))).Succeed();
        var run = await CommandRun.Of(args, "", ("CAUSERIE_EMITTED", "no"));
        Assert.Contains("CAUSERIE_EMITTED should be 0 or 1, not 'no'", run.Fail(ExitCode.Usage));
    }

    [Fact]
    public async Task Run_answers_one_question_and_nothing_else()
    {
        string[] args = ["run", Model, "--max-tokens", "8", "--temperature", "0"];
        var run = await CommandRun.Of([.. args, "What", "now?"]);
        Assert.NotEmpty(run.Succeed());
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse((await CommandRun.Of([.. args, "What now?", "--json"])).Succeed());
        Assert.Equal(run.Out, json.RootElement.GetProperty("text").GetString() + "\n");
        Assert.Equal(8, json.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal("length", json.RootElement.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_pipe_is_put_before_the_question()
    {
        string[] args = ["run", Model, "--max-tokens", "8", "--temperature", "0"];
        string joined = (await CommandRun.Of([.. args, "one two\n\nthree"])).Succeed();
        Assert.Equal(joined, (await CommandRun.Of([.. args, "three"], "one two\n")).Succeed());
        string alone = (await CommandRun.Of([.. args, "one two"])).Succeed();
        Assert.Equal(alone, (await CommandRun.Of(args, "one two")).Succeed());
    }

    [Fact]
    public async Task Run_without_a_question_and_without_a_keyboard_is_a_usage_error() => Assert.Contains(
        "There is no question", (await CommandRun.Of("run", Model)).Fail(ExitCode.Usage));

    [Fact]
    public async Task A_question_beyond_the_context_is_refused_with_the_numbers() => Assert.Contains(
        "the context holds 32 tokens",
        (await CommandRun.Of("run", Model, new string('x', 200), "--context", "32")).Fail(ExitCode.Failure));
}
