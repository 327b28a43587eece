using System.Text.Json;
using Causerie.Inference.Gguf;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Gguf;

public sealed class ConformanceFilesTests
{
    [Fact]
    public void Every_whole_file_opens_and_its_vocabulary_reads()
    {
        string[] files = Directory.GetFiles(ConformanceData.Require(""), "*.gguf", SearchOption.AllDirectories);
        int seen = 0;
        foreach (string path in files.Where(path => !path.Contains("gguf-bad", StringComparison.Ordinal)))
        {
            using var file = GgufFile.Open(path);
            Assert.NotEmpty(file.Metadata.Require<string>("general.architecture"));
            foreach (string key in file.Metadata.Keys)
                Assert.NotEmpty(key + file.Metadata.Describe(key));
            if (file.Metadata.Contains("tokenizer.ggml.tokens"))
                Assert.NotEmpty(VocabularyReader.Read(file.Metadata).Tokens);
            seen++;
        }
        Assert.True(seen > 30, $"{seen} files");
    }

    public static TheoryData<string> Handcrafted()
    {
        var data = new TheoryData<string>();
        if (ConformanceData.Root is { } root)
            foreach (var item in Cases(Path.Combine(root, "gguf-bad/handcrafted.json")))
                data.Add(item.GetProperty("name").GetString()!);
        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Handcrafted))]
    public void Handcrafted_file_is_judged_as_expected(string name)
    {
        string folder = ConformanceData.Require("gguf-bad");
        var item = Cases(Path.Combine(folder, "handcrafted.json"))
            .Single(item => item.GetProperty("name").GetString() == name);
        string path = Path.Combine(folder, item.GetProperty("file").GetString()!);
        bool accept = item.GetProperty("expect").GetString() == "accept";
        if (item.GetProperty("level").GetString() == "data")
        {
            Judge(path, accept);
            return;
        }
        // These files stop after their directory; with zeros for data they are whole, so that only the named fault is left.
        string whole = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(whole, [.. File.ReadAllBytes(path), .. new byte[1 << 20]]);
            Judge(whole, accept);
        }
        finally
        {
            File.Delete(whole);
        }
    }

    private static void Judge(string path, bool accept)
    {
        if (accept)
        {
            using var file = GgufFile.Open(path);
            foreach (string key in file.Metadata.Keys)
                Assert.NotNull(file.Metadata.Describe(key));
            return;
        }
        var error = Assert.Throws<GgufException>(() => GgufFile.Open(path).Dispose());
        Assert.NotEmpty(error.Field);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonElement> Cases(string path) =>
        JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("cases").EnumerateArray();
}
