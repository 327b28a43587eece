using Causerie.Host.Models;

namespace Causerie.Host.Tests.Models;

public sealed class DataFolderTests
{
    [Theory]
    [InlineData("linux", "HOME=/home/a", "/home/a/.local/share/causerie")]
    [InlineData("linux", "HOME=/home/a XDG_DATA_HOME=/data", "/data/causerie")]
    [InlineData("linux", "HOME=/home/a XDG_DATA_HOME=relative", "/home/a/.local/share/causerie")]
    [InlineData("mac", "HOME=/Users/a XDG_DATA_HOME=/data", "/Users/a/Library/Application Support/Causerie")]
    [InlineData("linux", "HOME=/home/a CAUSERIE_HOME=/mine XDG_DATA_HOME=/data", "/mine")]
    public void The_platforms_usual_place_unless_told_otherwise(string platform, string variables, string expected)
    {
        var set = variables.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        string found = DataFolder.Locate(null, set.GetValueOrDefault, platform == "windows", platform == "mac");
        Assert.Equal(expected, found);
    }

    [Fact]
    public void On_Windows_it_is_the_local_application_data() => Assert.Equal(
        Path.Combine("C:\\Users\\a\\AppData\\Local", "Causerie"),
        DataFolder.Locate(null, name => name == "LOCALAPPDATA" ? "C:\\Users\\a\\AppData\\Local" : null, true, false));

    [Fact]
    public void The_command_line_wins() => Assert.Equal(
        Path.GetFullPath("/chosen"), DataFolder.Locate("/chosen", name => "/not/" + name, false, false));

    [Fact]
    public void Without_a_home_it_says_what_to_do() => Assert.Contains(
        "--data", Assert.Throws<IOException>(() => DataFolder.Locate(null, _ => null, false, false)).Message);
}
