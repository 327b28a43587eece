using Causerie.Host.Models;

namespace Causerie.Host.Tests.Models;

public sealed class HubSelectionTests
{
    private static HubFile[] Files(params string[] paths) => [.. paths.Select(path => new HubFile(path, 10, null))];

    private static string Choose(string? choice, params string[] paths) =>
        HubSelection.Choose(HubSelection.AllIn(Files(paths)), choice, "owner/repo").Files[0].Path;

    [Fact]
    public void The_usual_quantisation_is_taken_when_none_is_named() =>
        Assert.Equal("m-Q4_K_M.gguf", Choose(null, "m-F16.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf"));

    [Fact]
    public void The_nearest_to_the_usual_one_is_taken_when_it_is_missing() =>
        Assert.Equal("m-Q5_K_M.gguf", Choose(null, "m-F16.gguf", "m-Q5_K_M.gguf", "m-Q8_0.gguf"));

    [Fact]
    public void A_single_model_needs_no_choice() =>
        Assert.Equal("strange name.gguf", Choose(null, "strange name.gguf", "README.md", "mmproj-model-f16.gguf"));

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("q8_0")]
    [InlineData("m-Q8_0.gguf")]
    [InlineData("m-Q8_0")]
    public void A_quantisation_or_a_file_is_found_by_its_name(string choice) =>
        Assert.Equal("m-Q8_0.gguf", Choose(choice, "m-F16.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf"));

    [Fact]
    public void An_unknown_choice_lists_what_there_is()
    {
        var e = Assert.Throws<FormatException>(() => Choose("Q3_K_S", "m-F16.gguf", "m-Q8_0.gguf"));
        Assert.Equal("owner/repo has no 'Q3_K_S'. Choose one of these after a colon: F16, Q8_0", e.Message);
    }

    [Fact]
    public void Two_models_of_one_quantisation_must_be_told_apart()
    {
        var e = Assert.Throws<FormatException>(() => Choose(null, "small-Q4_K_M.gguf", "large-Q4_K_M.gguf"));
        Assert.Contains("large-Q4_K_M, small-Q4_K_M", e.Message);
        Assert.Equal("large-Q4_K_M.gguf", Choose("large-Q4_K_M", "small-Q4_K_M.gguf", "large-Q4_K_M.gguf"));
    }

    [Fact]
    public void A_split_model_is_one_model_with_its_parts_in_order()
    {
        var model = HubSelection.Choose(
            HubSelection.AllIn(Files(
                "BF16/m-BF16-00002-of-00002.gguf", "m-Q8_0.gguf", "BF16/m-BF16-00001-of-00002.gguf")),
            "BF16", "owner/repo");
        Assert.Equal(
            ["BF16/m-BF16-00001-of-00002.gguf", "BF16/m-BF16-00002-of-00002.gguf"],
            model.Files.Select(f => f.Path));
        Assert.Equal(20, model.Size);
    }

    [Fact]
    public void A_split_model_with_a_part_missing_is_refused() =>
        Assert.Throws<InvalidDataException>(
            () => HubSelection.AllIn(Files("m-00001-of-00003.gguf", "m-00002-of-00003.gguf")));

    [Fact]
    public void A_repository_without_models_says_where_to_look() =>
        Assert.Contains("-GGUF", Assert.Throws<FormatException>(() => Choose(null, "model.safetensors")).Message);

    [Theory]
    [InlineData("Llama-3.2-1B-Instruct-Q4_K_M", "Q4_K_M")]
    [InlineData("qwen3-0.6b-q8_0", "Q8_0")]
    [InlineData("gemma.IQ4_XS", "IQ4_XS")]
    [InlineData("UD-Q2_K_XL/model-UD-Q2_K_XL", "UD-Q2_K_XL")]
    [InlineData("gpt-oss-20b-mxfp4", "MXFP4")]
    [InlineData("model-f16", "F16")]
    [InlineData("qwen2", null)]
    public void The_quantisation_is_read_from_the_name(string name, string? expected) =>
        Assert.Equal(expected, HubSelection.QuantizationOf(name));
}
