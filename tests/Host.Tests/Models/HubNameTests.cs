using Causerie.Host.Models;

namespace Causerie.Host.Tests.Models;

public sealed class HubNameTests
{
    [Theory]
    [InlineData("owner/repo", "owner/repo", null)]
    [InlineData("owner/repo:Q4_K_M", "owner/repo", "Q4_K_M")]
    [InlineData("hf.co/o-w.n_er/re.po-GGUF:sub/file.gguf", "o-w.n_er/re.po-GGUF", "sub/file.gguf")]
    [InlineData("https://huggingface.co/owner/repo", "owner/repo", null)]
    public void A_name_is_owner_repository_and_choice(string text, string id, string? choice)
    {
        var name = HubName.Parse(text);
        Assert.Equal((id, choice), (name.Id, name.Choice));
    }

    [Theory]
    [InlineData("")]
    [InlineData("repo")]
    [InlineData("owner/")]
    [InlineData("/repo")]
    [InlineData("../repo")]
    [InlineData("owner/..")]
    [InlineData("owner/a..b")]
    [InlineData("owner/repo/file")]
    [InlineData("owner/repo:")]
    [InlineData("own er/repo")]
    [InlineData("owner/repo?x=1")]
    [InlineData("owner\\repo")]
    public void Anything_else_is_refused_with_an_example(string text)
    {
        Assert.Contains("owner/repository", Assert.Throws<FormatException>(() => HubName.Parse(text)).Message);
    }

    [Theory]
    [InlineData("../evil.gguf")]
    [InlineData("a/../../evil.gguf")]
    [InlineData("/etc/evil.gguf")]
    [InlineData("a//evil.gguf")]
    [InlineData("./evil.gguf")]
    [InlineData("a\\evil.gguf")]
    [InlineData("C:evil.gguf")]
    [InlineData("a/b\u0001.gguf")]
    [InlineData("a/nul.gguf")]
    [InlineData("com1")]
    [InlineData("trailing.")]
    [InlineData("")]
    public void A_path_never_leads_out_of_its_folder(string path)
    {
        var file = new HubFile(path, 1, null);
        Assert.Throws<InvalidDataException>(() => file.PlaceIn("/models/owner/repo"));
    }

    [Fact]
    public void A_plain_path_keeps_its_folders() => Assert.Equal(
        Path.GetFullPath("/models/o/r/Q4/a b.gguf"), new HubFile("Q4/a b.gguf", 1, null).PlaceIn("/models/o/r"));
}
