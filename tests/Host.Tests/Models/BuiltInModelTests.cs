using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Models;
using Causerie.Host.Tests.Commands;
using Causerie.Tests;

namespace Causerie.Host.Tests.Models;

/// <summary>The model that ships with the program answers where there is no other, and steps back where there is.</summary>
public sealed class BuiltInModelTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public BuiltInModelTests()
    {
        Directory.CreateDirectory(_data["program"]);
        TinyModel.Write(Own);
    }

    private string Own => _data["program/causerie-guide.gguf"];

    public void Dispose() => _data.Dispose();

    [Fact]
    public void It_ships_with_the_program()
    {
        string path = Assert.IsType<string>(BuiltInModel.Locate());
        Assert.InRange(new FileInfo(path).Length, 1_000_000, 12_000_000);
    }

    [Fact]
    public async Task Run_without_a_model_asks_it()
    {
        var run = await RunAsync("run", "", "hello there", "--max-tokens", "3", "--temperature", "0");
        var named = await RunAsync("run", "", BuiltInModel.Id, "hello there", "--max-tokens", "3", "--temperature", "0");
        Assert.Equal(named.Succeed(), run.Succeed());
        var piped = await RunAsync("run", "hello there", "--max-tokens", "3", "--temperature", "0");
        Assert.Equal(named.Out, piped.Succeed());
    }

    [Fact]
    public async Task A_single_word_that_is_no_model_is_still_refused() => Assert.Contains(
        "There is no file 'llama'", (await RunAsync("run", "", "llama", "hello")).Fail(ExitCode.Failure), StringComparison.Ordinal);

    [Fact]
    public async Task The_list_has_it_unless_the_folder_has_one_of_its_name()
    {
        using var json = JsonDocument.Parse((await RunAsync("list", "", "--json")).Succeed());
        var only = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal((BuiltInModel.Id, Own), (only.GetProperty("name").GetString(), only.GetProperty("path").GetString()));
        Directory.CreateDirectory(_data["models"]);
        string other = TinyModel.Write(_data["models/causerie-guide.gguf"]);
        using var again = JsonDocument.Parse((await RunAsync("list", "", "--json")).Succeed());
        Assert.Equal(other, Assert.Single(again.RootElement.EnumerateArray()).GetProperty("path").GetString());
    }

    [Theory]
    [InlineData(20_000_000_000, 40e9, true, true, true)]
    [InlineData(4_000_000_000, 40e9, true, true, false)]
    [InlineData(1_000_000_000, 40e9, false, false, false)]
    [InlineData(20_000_000_000, null, true, true, true)]
    public void Suggestions_say_what_fits_this_machine(long memory, double? speed, params bool[] fits)
    {
        var suggested = Suggestions.For(memory, speed);
        Assert.Equal(fits, suggested.Select(model => model.Fits));
        Assert.All(suggested, model => Assert.Equal(model.Fits && speed is not null, model.TokensPerSecond is not null));
        Assert.All(suggested, model => Assert.StartsWith("causerie pull ", model.Command, StringComparison.Ordinal));
    }

    private async Task<CommandRun> RunAsync(string command, string input, params string[] more)
    {
        using var stdin = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input));
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        using var terminal = new Terminal(stdin, stdout, stderr) { BuiltIn = Own };
        int code = await CommandLine.RunAsync(
            [command, .. more, "--data", _data["."]], terminal, TestContext.Current.CancellationToken);
        return new CommandRun(
            code, System.Text.Encoding.UTF8.GetString(stdout.ToArray()), System.Text.Encoding.UTF8.GetString(stderr.ToArray()));
    }
}
