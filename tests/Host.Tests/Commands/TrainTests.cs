using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;

namespace Causerie.Host.Tests.Commands;

public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainTests()
    {
        File.WriteAllText(_folder["fox.txt"], string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 40)));
        Recipe("first.json", "first");
        Recipe("second.json", "second", "first.json");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_command_makes_the_model_that_a_recipe_starts_from_too()
    {
        string whole = _folder["whole.gguf"], parts = _folder["parts.gguf"], first = _folder["first.gguf"];
        (await CommandRun.Of("train", _folder["second.json"], "--output", whole)).Succeed();
        (await CommandRun.Of("train", _folder["first.json"], "--output", first)).Succeed();
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(_folder["whole.start.gguf"]));
        (await CommandRun.Of("train", _folder["second.json"], "--output", parts, "--start", first)).Succeed();
        Assert.Equal(File.ReadAllBytes(whole), File.ReadAllBytes(parts));
        Assert.NotEqual(File.ReadAllBytes(first), File.ReadAllBytes(parts));
    }

    [Fact]
    public async Task Documents_are_shown_before_anything_is_trained()
    {
        string shown = (await CommandRun.Of("train", _folder["second.json"], "--output", _folder["s.gguf"], "--show", "2")).Succeed();
        Assert.Contains("quick brown", shown, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder[""], "*.gguf"));
    }

    [Fact]
    public async Task A_start_that_no_recipe_asks_for_is_refused() => Assert.Contains(
        "starts from no other model",
        (await CommandRun.Of("train", _folder["first.json"], "--start", "x.gguf")).Fail(ExitCode.Usage),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_recipe_that_starts_from_itself_is_refused()
    {
        Recipe("loop.json", "loop", "loop.json");
        Assert.Contains(
            "more than",
            (await CommandRun.Of("train", _folder["loop.json"], "--output", _folder["l.gguf"])).Fail(ExitCode.Failure),
            StringComparison.Ordinal);
    }

    private void Recipe(string file, string name, string? start = null) => File.WriteAllText(_folder[file], $$"""
        {
          "name": "{{name}}", "date": "2026-01-02", "texts": ["fox.txt"], "steps": 3, "warmUp": 1, "batchTokens": 96,
          {{(start is null ? "" : $"\"start\": \"{start}\", ")}}
          "shape": { "vocabulary": 290, "layers": 1, "width": 32, "heads": 2, "keyHeads": 1, "headDim": 16, "feedForward": 32, "context": 48 }
        }
        """);
}
