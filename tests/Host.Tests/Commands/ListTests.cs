using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class ListTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_empty_folder_says_how_to_fill_it()
    {
        string text = (await RunAsync()).Succeed();
        Assert.Contains("There is no model in " + _data["models"], text);
        Assert.Contains("causerie pull ", text);
        Assert.Equal("[]\n", (await RunAsync("--json")).Succeed());
    }

    [Fact]
    public async Task The_table_is_for_people()
    {
        Put("owner", "repo", "Tiny-F32.gguf");
        Put("other", "repo", "Second-Q8_0.gguf");
        Put("loose.gguf");
        await File.WriteAllTextAsync(Path("broken.gguf"), "not a model", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(Path("broken.gguf"), FixedTime.Now.UtcDateTime);
        var run = await RunAsync();
        GoldenFile.Check("tests/Golden/cli/list.txt", run.Succeed());
        Assert.StartsWith("broken: ", run.Error);
    }

    [Fact]
    public async Task Json_holds_what_a_program_needs()
    {
        Put("owner", "repo", "Tiny-F32.gguf");
        using var json = JsonDocument.Parse((await RunAsync("--json")).Succeed());
        var model = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("Tiny-F32", model.GetProperty("name").GetString());
        Assert.Equal(Path("owner", "repo", "Tiny-F32.gguf"), model.GetProperty("path").GetString());
        Assert.Equal(new FileInfo(Path("owner", "repo", "Tiny-F32.gguf")).Length, model.GetProperty("size").GetInt64());
        Assert.Equal("llama", model.GetProperty("architecture").GetString());
        Assert.Equal("F32", model.GetProperty("format").GetString());
        Assert.Equal(TinyModel.Context, model.GetProperty("context_length").GetInt32());
        Assert.Equal(FixedTime.Now, model.GetProperty("modified").GetDateTimeOffset());
    }

    [Fact]
    public async Task Names_that_are_not_unique_carry_their_folders()
    {
        Put("a", "repo", "m.gguf");
        Put("b", "repo", "m.gguf");
        using var json = JsonDocument.Parse((await RunAsync("--json")).Succeed());
        Assert.Equal(
            ["a/repo/m", "b/repo/m"], json.RootElement.EnumerateArray().Select(m => m.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("Tiny-Q4_K_M")]
    [InlineData("tiny-q4_k_m")]
    [InlineData("Tiny-Q4_K_M.gguf")]
    [InlineData("owner/repo")]
    [InlineData("owner/repo:Q4_K_M")]
    [InlineData("owner/repo/Tiny-Q4_K_M.gguf")]
    public async Task A_model_answers_to_its_names(string name)
    {
        Put("owner", "repo", "Tiny-Q4_K_M.gguf");
        var run = await CommandRun.Of("show", name, "--json", "--data", _data.Path);
        Assert.Contains("Tiny-Q4_K_M.gguf", run.Succeed());
    }

    [Fact]
    public async Task A_name_that_fits_two_models_is_refused()
    {
        Put("owner", "repo", "Tiny-Q4_K_M.gguf");
        Put("owner", "repo", "Tiny-Q8_0.gguf");
        string error = (await CommandRun.Of("show", "owner/repo", "--data", _data.Path)).Fail(ExitCode.Failure);
        Assert.Contains("Tiny-Q4_K_M, Tiny-Q8_0", error);
    }

    [Fact]
    public async Task An_unknown_name_says_what_there_is()
    {
        Put("owner", "repo", "Tiny-Q4_K_M.gguf");
        string error = (await CommandRun.Of("show", "nobody/nothing", "--data", _data.Path)).Fail(ExitCode.Failure);
        Assert.Contains("Tiny-Q4_K_M", error);
        Assert.Contains("causerie pull nobody/nothing", error);
    }

    private string Path(params string[] parts) => _data[["models", .. parts]];

    private void Put(params string[] parts)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(parts))!);
        TinyModel.Write(Path(parts));
        File.SetLastWriteTimeUtc(Path(parts), FixedTime.Now.UtcDateTime);
    }

    private Task<CommandRun> RunAsync(params string[] args) => CommandRun.Of(["list", "--data", _data.Path, .. args]);
}
