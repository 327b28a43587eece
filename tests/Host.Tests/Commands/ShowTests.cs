using System.Text.Json;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Inference.Gguf;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

public sealed class ShowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ShowTests() => TinyModel.Write(Model);

    private string Model => _folder["tiny.gguf"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_page_is_for_people()
    {
        string page = (await CommandRun.Of("show", Model)).Succeed();
        GoldenFile.Check("tests/Golden/cli/show.txt", page.Replace(_folder.Path, "DIR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_holds_the_same()
    {
        using var json = JsonDocument.Parse((await CommandRun.Of("show", Model, "--json", "--metadata")).Succeed());
        var root = json.RootElement;
        Assert.Equal("llama", root.GetProperty("architecture").GetString());
        Assert.Equal(TinyModel.Layers, root.GetProperty("layers").GetInt32());
        Assert.Equal(TinyModel.Template, root.GetProperty("chat_template").GetString());
        long cache = TinyModel.Layers * TinyModel.KeyHeads * (TinyModel.Width / TinyModel.Heads) * 2 * 2;
        Assert.Equal(cache * 1000, root.GetProperty("memory").GetProperty("cache_per_1000_tokens").GetInt64());
        Assert.Equal(cache * TinyModel.Context, root.GetProperty("memory").GetProperty("cache_at_context").GetInt64());
        Assert.Equal("llama", root.GetProperty("metadata").GetProperty("general.architecture").GetString());
        Assert.Equal(
            root.GetProperty("parameters").GetInt64(),
            root.GetProperty("formats").EnumerateArray().Sum(format => format.GetProperty("parameters").GetInt64()));
    }

    [Fact]
    public async Task The_template_comes_alone_and_exact() =>
        Assert.Equal(TinyModel.Template, (await CommandRun.Of("show", Model, "--template")).Succeed());

    [Fact]
    public async Task A_model_without_a_template_says_so()
    {
        string path = _folder["bare.gguf"];
        var writer = new GgufWriter();
        writer.Add("general.architecture", "mystery");
        writer.AddTensor("x", [4], [1, 2, 3, 4]);
        await using (var stream = File.Create(path))
            writer.WriteTo(stream);
        Assert.Contains("no chat template", (await CommandRun.Of("show", path, "--template")).Fail(ExitCode.Failure));
        string page = (await CommandRun.Of("show", path)).Succeed();
        Assert.Contains("mystery", page);
        Assert.DoesNotContain("Context", page);
    }

    [Fact]
    public async Task A_broken_file_is_named_with_the_field()
    {
        byte[] bytes = await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["cut.gguf"], bytes[..100], TestContext.Current.CancellationToken);
        Assert.Contains("cut.gguf", (await CommandRun.Of("show", _folder["cut.gguf"])).Fail(ExitCode.Failure));
    }

    [Fact]
    public async Task A_folder_is_not_a_model() =>
        Assert.Contains("is a folder", (await CommandRun.Of("show", _folder.Path)).Fail(ExitCode.Failure));
}
