using System.Xml.Linq;

namespace Causerie.Rules;

/// <summary>Rooms reference downwards only, as the table in docs/architecture.md says.</summary>
public sealed class RoomReferenceTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Chat"] = [],
        ["Compute"] = [],
        ["Text"] = ["Chat"],
        ["Inference"] = ["Chat", "Compute", "Text"],
        ["Training"] = ["Compute", "Text", "Inference"],
        ["Gateway"] = ["Chat"],
        ["Ledger"] = ["Chat"],
        ["Conversations"] = ["Chat"],
        ["Web"] = ["Chat", "Conversations"],
        ["Host"] = ["Chat", "Compute", "Text", "Inference", "Training", "Gateway", "Ledger", "Conversations", "Web"],
    };

    [Fact]
    public void Every_room_is_in_the_table() => Assert.Equal(MayReference.Keys.Order(), House.Rooms);

    [Fact]
    public void Every_room_references_downwards_only()
    {
        foreach (string room in House.Rooms)
            Assert.Empty(Violations(room, XDocument.Load(Path.Combine(House.Root, $"src/{room}/{room}.csproj"))));
    }

    [Theory]
    [InlineData("Chat", "Text")]
    [InlineData("Compute", "Chat")]
    [InlineData("Text", "Inference")]
    [InlineData("Inference", "Gateway")]
    [InlineData("Inference", "Training")]
    [InlineData("Training", "Gateway")]
    [InlineData("Gateway", "Inference")]
    [InlineData("Ledger", "Inference")]
    [InlineData("Conversations", "Gateway")]
    [InlineData("Web", "Host")]
    public void A_reference_through_a_wall_is_found(string room, string target)
    {
        var project = XDocument.Parse(
            $"<Project><ItemGroup><ProjectReference Include=\"../{target}/{target}.csproj\" /></ItemGroup></Project>");
        Assert.Equal([$"{room} may not reference {target}"], Violations(room, project));
    }

    [Fact]
    public void Only_Compute_allows_unsafe_blocks()
    {
        foreach (string room in House.Rooms)
            Assert.Equal(room == "Compute", AllowsUnsafe(XDocument.Load(Path.Combine(House.Root, $"src/{room}/{room}.csproj"))));
        Assert.True(AllowsUnsafe(XDocument.Parse(
            "<Project><PropertyGroup><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup></Project>")));
    }

    [Theory]
    [InlineData("Directory.Build.props")]
    [InlineData("src/Directory.Build.props")]
    public void No_shared_setting_allows_unsafe_blocks(string path) =>
        Assert.False(AllowsUnsafe(XDocument.Load(Path.Combine(House.Root, path))));

    private static IEnumerable<string> Violations(string room, XDocument project) =>
        project.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
            .Where(target => !MayReference[room].Contains(target))
            .Select(target => $"{room} may not reference {target}");

    private static bool AllowsUnsafe(XDocument project) =>
        project.Descendants("AllowUnsafeBlocks").Any(element => bool.Parse(element.Value));
}
