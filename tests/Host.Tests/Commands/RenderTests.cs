using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class RenderTests : IDisposable
{
    private const string Hello = """{"messages":[{"role":"user","content":"Hello"}],"add_generation_prompt":true}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_renders_its_own_template()
    {
        TinyModel.Write(_folder["tiny.gguf"]);
        string text = (await CommandRun.Of(["render", _folder["tiny.gguf"]], Hello)).Succeed();
        Assert.Equal("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", text);
        Assert.Equal(text, await TextAsync(_folder["tiny.gguf"], Hello));
    }

    [Fact]
    public async Task Any_other_key_is_a_variable() =>
        Assert.Equal("7 yes none none", await TextAsync(
            Template(
                "{{ depth }} {{ 'yes' if deep.er else 'no' }} {{ 'none' if tools is none }} "
                + "{{ 'none' if documents is none }}"),
            """{"messages":[],"depth":7,"deep":{"er":true}}"""));

    [Theory]
    [InlineData("2026-07-14 15:09:26")]
    [InlineData("2026-07-14T15:09:26")]
    public async Task The_date_is_fixed_by_now(string now) => Assert.Equal(
        "14 July 2026 15:09",
        await TextAsync(Template("{{ strftime_now('%d %B %Y %H:%M') }}"), $$"""{"now":"{{now}}"}"""));

    [Fact]
    public async Task Without_now_it_is_the_clocks() => Assert.Equal(
        "2026-07-14 15:09:26", await TextAsync(Template("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}"), "{}"));

    [Fact]
    public async Task A_models_tokens_are_defaults_that_the_input_may_replace()
    {
        TinyModel.Write(_folder["tiny.gguf"]);
        var run = await CommandRun.Of(["render", _folder["tiny.gguf"], "--json"], Hello);
        Assert.DoesNotContain("<s>", run.Succeed());
        string path = _folder["bos.gguf"];
        var writer = new Causerie.Inference.Gguf.GgufWriter();
        writer.Add("general.architecture", "llama");
        writer.Add("tokenizer.ggml.tokens", new[] { "a", "<s>", "</s>" });
        writer.Add("tokenizer.ggml.bos_token_id", 1u);
        writer.Add("tokenizer.ggml.eos_token_id", 2u);
        writer.Add("tokenizer.chat_template", "{{ bos_token }}|{{ eos_token }}");
        await using (var stream = File.Create(path))
            writer.WriteTo(stream);
        Assert.Equal("<s>|</s>", await TextAsync(path, "{}"));
        Assert.Equal("B|</s>", await TextAsync(path, """{"bos_token":"B"}"""));
    }

    [Fact]
    public async Task An_error_of_the_template_is_an_answer_for_programs_and_a_failure_for_people()
    {
        string template = Template("{{ raise_exception('No system role') }}");
        string json = (await CommandRun.Of(["render", template, "--json"], Hello)).Succeed();
        Assert.Contains("No system role", JsonNode.Parse(json)!["error"]!.GetValue<string>());
        Assert.Contains("No system role", (await CommandRun.Of(["render", template], Hello)).Fail(ExitCode.Failure));
    }

    [Fact]
    public async Task A_malformed_template_is_an_answer_too()
    {
        string json = (await CommandRun.Of(["render", Template("{% if %}"), "--json"], Hello)).Succeed();
        Assert.NotNull(JsonNode.Parse(json)!["error"]);
    }

    [Fact]
    public async Task In_a_batch_one_bad_input_spoils_only_itself()
    {
        string template = Template("{% if bad %}{{ raise_exception('bad') }}{% endif %}{{ text }}");
        string output = (await CommandRun.Of(
            ["render", template, "--batch", "--json"],
            """[{"text":"é<>&"},{"bad":true},5,{"now":"yesterday"},{"text":"end"}]""")).Succeed();
        var results = JsonNode.Parse(output)!.AsArray();
        Assert.Equal("é<>&", results[0]!["text"]!.GetValue<string>());
        Assert.Contains("bad", results[1]!["error"]!.GetValue<string>());
        Assert.NotNull(results[2]!["error"]);
        Assert.Contains("YYYY-MM-DD", results[3]!["error"]!.GetValue<string>());
        Assert.Equal("end", results[4]!["text"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"a":1,"a":2}""")]
    public async Task An_input_that_is_no_object_is_a_usage_error(string input) =>
        (await CommandRun.Of(["render", Template("x"), "--json"], input)).Fail(ExitCode.Usage);

    [Fact]
    public async Task A_missing_template_is_a_failure() =>
        (await CommandRun.Of(["render", _folder["none.jinja"], "--json"], Hello)).Fail(ExitCode.Failure);

    [Fact]
    public async Task A_real_template_renders_byte_for_byte()
    {
        string expectedFile = ConformanceData.Require(
            "chat-templates/expected/Apriel-1.6-15b-Thinker-fixed.jinja.json");
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(expectedFile, TestContext.Current.CancellationToken))!;
        var conversations = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceData.Require("chat-templates/conversations.json"), TestContext.Current.CancellationToken))!;
        var inputs = new JsonArray();
        foreach (var one in expected["cases"]!.AsArray())
        {
            var input = conversations["conversations"]![one!["case"]!.GetValue<string>()]!.DeepClone().AsObject();
            input.Remove("kwargs");
            foreach (var (key, value) in one["variables"]!.AsObject())
                input[key] = value?.DeepClone();
            input["now"] = conversations["now"]!.DeepClone();
            inputs.Add(input);
        }

        string template = ConformanceData.Require("chat-templates/" + expected["template"]!.GetValue<string>());
        var results = JsonNode.Parse((await CommandRun.Of(
            ["render", template, "--batch", "--json"], inputs.ToJsonString())).Succeed())!.AsArray();
        Assert.Equal(
            expected["cases"]!.AsArray().Select(one => one!["expected"]?.GetValue<string>() ?? "(error)"),
            results.Select(one => one!["text"]?.GetValue<string>() ?? "(error)"));
    }

    private static async Task<string> TextAsync(string template, string input)
    {
        string output = (await CommandRun.Of(["render", template, "--json"], input)).Succeed();
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("text").GetString()!;
    }

    private string Template(string source)
    {
        string path = _folder["template.jinja"];
        File.WriteAllText(path, source);
        return path;
    }
}
