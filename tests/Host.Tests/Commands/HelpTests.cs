using System.CommandLine;
using System.Text;
using Causerie.Host.Commands;

namespace Causerie.Host.Tests.Commands;

public sealed class HelpTests
{
    private static RootCommand Root
    {
        get
        {
            using var terminal = new Terminal(Stream.Null, Stream.Null, Stream.Null);
            return CommandLine.Root(terminal);
        }
    }

    public static TheoryData<string> Names => [.. Root.Subcommands.Select(command => command.Name)];

    [Fact]
    public void Every_command_of_the_house_is_found() => Assert.Equal(
        ["bench", "complete", "embed", "exam", "list", "logits", "pull", "render", "run", "serve", "show", "tokenize", "train", "verify"],
        Root.Subcommands.Select(command => command.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_command_explains_itself(string name)
    {
        var run = await CommandRun.Of(name, "--help");
        string help = run.Succeed();
        Assert.Contains("Examples:", help);
        Assert.Contains("Exit codes:", help);
        Assert.Contains($"causerie {name}", help);
        Assert.Contains("130", help);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 100 || line.Contains("causerie"), line));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task The_page_in_the_documentation_is_what_help_prints()
    {
        var page = new StringBuilder(
            "# Commands\n\nWhat `causerie --help` and `causerie COMMAND --help` print. A test keeps this page equal to "
            + "it;\n`CAUSERIE_WRITE_GOLDEN=1 dotnet test tests/Host.Tests` writes it anew.\n");
        page.Append("\n## causerie\n\n```text\n").Append((await CommandRun.Of("--help")).Succeed()).Append("```\n");
        foreach (var command in Root.Subcommands)
        {
            string help = (await CommandRun.Of(command.Name, "--help")).Succeed();
            page.Append($"\n## {command.Name}\n\n```text\n").Append(help).Append("```\n");
        }

        GoldenFile.Check("docs/commands.md", page.ToString());
    }

    [Fact]
    public async Task An_unknown_command_is_a_usage_error_with_a_guess()
    {
        string error = (await CommandRun.Of("toknize", "x")).Fail(ExitCode.Usage);
        Assert.Contains("Did you mean 'tokenize'?", error);
    }

    [Fact]
    public async Task A_model_in_place_of_a_command_is_led_to_run() =>
        Assert.Contains("causerie run m.gguf", (await CommandRun.Of("m.gguf")).Fail(ExitCode.Usage));

    [Theory]
    [InlineData("tokenize")]
    [InlineData("list", "surplus")]
    [InlineData("list", "--jsn")]
    [InlineData("tokenize", "m.gguf", "--jsn")]
    [InlineData("tokenize", "m.gguf", "text", "--add-specials")]
    [InlineData("serve", "--port", "x")]
    [InlineData("serve", "--port", "70000")]
    [InlineData("--port", "-1")]
    [InlineData("pull", "not-a-name")]
    [InlineData("logits", "m.gguf")]
    [InlineData("logits", "m.gguf", "--ids", "1,x")]
    [InlineData("logits", "m.gguf", "--ids", "-1")]
    [InlineData("logits", "m.gguf", "--ids", ",")]
    [InlineData("logits", "m.gguf", "--ids", "1", "--all")]
    [InlineData("logits", "m.gguf", "--ids", "1", "--top", "-1")]
    [InlineData("complete", "m.gguf", "text", "--temperature", "-1")]
    [InlineData("complete", "m.gguf", "text", "--max-tokens", "0")]
    [InlineData("complete", "m.gguf", "text", "--stop", "")]
    [InlineData("bench", "m.gguf", "--generate", "0")]
    [InlineData("run", "m.gguf", "text", "--threads", "0")]
    [InlineData("run", "m.gguf", "text", "--kv", "f64")]
    [InlineData("run", "m.gguf", "text", "--top-p", "2")]
    [InlineData("pull", "a/b", "--base-url", "ftp://x")]
    public async Task A_malformed_command_line_is_a_usage_error(params string[] args) =>
        Assert.NotEmpty((await CommandRun.Of(args)).Fail(ExitCode.Usage));

    [Fact]
    public async Task A_misspelt_option_is_not_taken_for_text() => Assert.Contains(
        "no option '--jsno'", (await CommandRun.Of("tokenize", "m.gguf", "--jsno")).Fail(ExitCode.Usage));
}
