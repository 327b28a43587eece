using System.Text.Json.Nodes;
using Causerie.Tests;
using Causerie.Text.Templates;

namespace Causerie.Text.Tests.Templates;

/// <summary>Real models' templates and unit cases with the text, or the error, that Python gives.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    private static readonly DateTime Now = new(2026, 7, 14, 15, 9, 26, DateTimeKind.Unspecified);

    [Fact]
    public void Real_templates_render_as_transformers_renders_them()
    {
        string root = ConformanceData.Require("chat-templates");
        var conversations = Read(Path.Combine(root, "conversations.json"))["conversations"]!;
        var tally = new Tally(output);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(root, "expected"), "*.json").Order(StringComparer.Ordinal))
        {
            var suite = Read(file);
            var template = ChatTemplate.Parse(Source(root, suite["template"]!.GetValue<string>()));
            foreach (var expected in suite["cases"]!.AsArray())
            {
                string name = expected!["case"]!.GetValue<string>();
                var variables = expected["variables"]!.DeepClone().AsObject();
                variables["messages"] = conversations[name]!["messages"]!.DeepClone();
                variables["tools"] = conversations[name]!["tools"]?.DeepClone();
                tally.Judge(
                    $"{Path.GetFileName(file)} {name}", Run(template, variables), expected["expected"]?.GetValue<string>());
            }
        }

        Assert.Equal(0, tally.Failed);
        Assert.True(tally.Passed >= 1368, "Cases are missing.");
    }

    [Fact]
    public void Templates_that_append_render_once_mutation_is_allowed()
    {
        string root = ConformanceData.Require("chat-templates");
        var conversations = Read(Path.Combine(root, "conversations.json"))["conversations"]!;
        var suite = Read(Path.Combine(root, "expected", "Kimi-K2-Instruct.jinja.json"));
        string source = Source(root, suite["template"]!.GetValue<string>());
        var tally = new Tally(output);
        foreach (var expected in suite["cases"]!.AsArray().Where(c => c!["expected_with_mutable_sandbox"] is not null))
        {
            string name = expected!["case"]!.GetValue<string>();
            var variables = expected["variables"]!.DeepClone().AsObject();
            variables["messages"] = conversations[name]!["messages"]!.DeepClone();
            variables["tools"] = conversations[name]!["tools"]?.DeepClone();
            var wanted = expected["expected_with_mutable_sandbox"]!;
            string? text = wanted is JsonObject o ? o["expected"]?.GetValue<string>() : wanted.GetValue<string>();
            tally.Judge(name, Run(source, variables, new TemplateOptions { AllowMutation = true }), text);
        }

        Assert.Equal(0, tally.Failed);
        Assert.Equal(4, tally.Passed);
    }

    [Fact]
    public void Inline_templates_render_as_python_renders_them()
    {
        var tally = new Tally(output);
        foreach (var test in Read(ConformanceData.Require("chat-templates/llamacpp-inline-templates.json")).AsArray())
        {
            var variables = new JsonObject
            {
                ["messages"] = test!["messages"]!.DeepClone(),
                ["bos_token"] = test["bos_token"]!.DeepClone(),
                ["eos_token"] = test["eos_token"]!.DeepClone(),
                ["add_generation_prompt"] = test["add_generation_prompt"]!.DeepClone(),
            };
            tally.Judge(
                test["name"]!.GetValue<string>(),
                Run(test["template"]!.GetValue<string>(), variables),
                test["python"]!["expected"]?.GetValue<string>());
        }

        Assert.Equal(0, tally.Failed);
        Assert.True(tally.Passed >= 35, "Cases are missing.");
    }

    [Fact]
    public void Language_cases_of_llama_cpp_give_what_python_gives()
    {
        var tally = new Tally(output);
        foreach (var test in Read(ConformanceData.Require("jinja/llamacpp-jinja-unit.json")).AsArray())
        {
            string name = test!["name"]!.GetValue<string>();
            var variables = test["vars"]!.DeepClone().AsObject();
            string? expected = test["expected"]?.GetValue<string>();

            // The variables of these three were stored after Python had changed them; they began as [a, b, c].
            bool changed = name is "array.pop() last" or "array.pop() with index" or "array.append()";
            if (changed)
                variables["arr"] = new JsonArray("a", "b", "c");
            if (test["immutable_sandbox"] is JsonObject)
                expected = null;
            tally.Judge(name, Run(test["template"]!.GetValue<string>(), variables), expected);
        }

        Assert.Equal(0, tally.Failed);
        Assert.True(tally.Passed >= 211, "Cases are missing.");
    }

    [Fact]
    public void Language_cases_of_minja_give_what_python_gives()
    {
        var tally = new Tally(output);
        foreach (var test in Read(ConformanceData.Require("jinja/minja-syntax.json")).AsArray())
        {
            string template = test!["template"]!.GetValue<string>();
            var options = new TemplateOptions
            {
                TrimBlocks = test["trim_blocks"]!.GetValue<bool>(),
                LstripBlocks = test["lstrip_blocks"]!.GetValue<bool>(),
            };

            // Plain Python does not know the tag; transformers adds it, and it is transformers that we follow.
            bool ours = template.Contains("generation", StringComparison.Ordinal);
            string? expected = test[ours ? "minja_expected" : "expected"]?.GetValue<string>();
            tally.Judge(template, Run(template, test["vars"]!.DeepClone().AsObject(), options), expected);
        }

        Assert.Equal(0, tally.Failed);
        Assert.True(tally.Passed >= 136, "Cases are missing.");
    }

    private static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;

    private static string Source(string root, string template) => File.ReadAllText(Path.Combine(root, template));

    private static string? Run(ChatTemplate template, JsonObject variables)
    {
        try
        {
            return template.Render(variables, Now);
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static string? Run(string source, JsonObject variables, TemplateOptions? options = null)
    {
        try
        {
            return Run(ChatTemplate.Parse(source, options ?? TemplateOptions.HuggingFace), variables);
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private sealed class Tally(ITestOutputHelper output)
    {
        public int Passed { get; private set; }

        public int Failed { get; private set; }

        public void Judge(string name, string? actual, string? expected)
        {
            if (actual == expected)
            {
                Passed++;
                return;
            }

            Failed++;
            output.WriteLine($"{name}\n  expected {Show(expected)}\n  actual   {Show(actual)}");
        }

        private static string Show(string? text) => text is null ? "an error" : JsonValue.Create(text).ToJsonString();
    }
}
