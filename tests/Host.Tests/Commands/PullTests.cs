using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class PullTests : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private readonly HubServer _server = new();

    public ValueTask InitializeAsync()
    {
        _server.Files["Tiny-Q4_K_M.gguf"] = TinyModel.Bytes();
        _server.Files["Tiny-Q8_0.gguf"] = TinyModel.Bytes(2);
        _server.Files["mmproj-Tiny-F16.gguf"] = [1];
        _server.Files["README.md"] = [2];
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task The_usual_one_is_fetched_and_the_others_are_told()
    {
        var run = await RunAsync("owner/model");
        string text = run.Succeed();
        Assert.Contains("Taking Q4_K_M", run.Error);
        Assert.Contains("Also there: Q8_0\n", run.Error);
        Assert.Contains("100 %", run.Error);
        string place = _data["models", "owner", "model", "Tiny-Q4_K_M.gguf"];
        Assert.Equal($"{place}\nTo chat with it: causerie run Tiny-Q4_K_M\n", text);
        Assert.Contains("Tiny-Q4_K_M", (await CommandRun.Of("list", "--data", _data.Path)).Succeed());
    }

    [Fact]
    public async Task Json_stands_alone_on_standard_output()
    {
        using var json = JsonDocument.Parse((await RunAsync("owner/model:Q8_0", "--json")).Succeed());
        Assert.Equal("Tiny-Q8_0", json.RootElement.GetProperty("name").GetString());
        var file = Assert.Single(json.RootElement.GetProperty("files").EnumerateArray());
        Assert.True(File.Exists(file.GetProperty("path").GetString()));
        Assert.Equal(HubServer.Sha256(TinyModel.Bytes(2)), file.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task The_hub_may_come_from_the_environment_and_the_token_too()
    {
        var run = await CommandRun.Of(
            ["pull", "owner/model", "--data", _data.Path], "",
            ("HF_ENDPOINT", "http://127.0.0.1:1"), ("CAUSERIE_HUB", _server.Address), ("HF_TOKEN", "hf_secret"));
        run.Succeed();
        Assert.All(_server.Requests, request => Assert.Contains("Bearer hf_secret", request.Head));
    }

    [Fact]
    public async Task A_wrong_choice_is_a_failure_that_lists_the_right_ones() =>
        Assert.Contains("Q4_K_M, Q8_0", (await RunAsync("owner/model:Q2_K")).Fail(ExitCode.Failure));

    [Fact]
    public async Task A_missing_repository_is_a_failure() =>
        Assert.Contains("has no owner/other", (await RunAsync("owner/other")).Fail(ExitCode.Failure));

    private Task<CommandRun> RunAsync(params string[] args) =>
        CommandRun.Of(["pull", "--data", _data.Path, "--base-url", _server.Address, .. args]);
}
