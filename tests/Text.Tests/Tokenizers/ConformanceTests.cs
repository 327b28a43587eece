using System.Text.Json.Nodes;
using Causerie.Tests;
using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Tokenizers;

public sealed class ConformanceTests(Vocabularies vocabularies) : IClassFixture<Vocabularies>
{
    public static TheoryData<string> Expected => Files("expected", "*.json");

    public static TheoryData<string> Inputs => [.. Files("llamacpp", "*.inp").Select(row => row.Data)
        .Union(Files("built", "*.inp").Select(row => row.Data)).Where(HasVocabulary)];

    [Theory]
    [MemberData(nameof(Expected))]
    public void Ids_without_special_tokens_are_exact(string file) =>
        Check(file, (tokenizer, given, text) =>
        {
            var expected = Authority(given, given["plain"]!);
            return (Ids(expected), tokenizer.Encode(text));
        });

    [Theory]
    [MemberData(nameof(Expected))]
    public void Ids_with_the_vocabularys_own_tokens_round_the_text_are_exact(string file) =>
        Check(file, (tokenizer, given, text) =>
        {
            // The second oracle adds nothing round the text: what the first one adds goes round its ids.
            string expected = Ids(given["add_special"]!);
            if (given["authority"] is not null)
            {
                expected = expected
                    .Replace(Ids(given["plain"]!), Ids(given["oracle2"]!), StringComparison.Ordinal)
                    .Trim();
            }

            return (expected, tokenizer.Encode(text, addSpecial: true));
        });

    [Theory]
    [MemberData(nameof(Expected))]
    public void Ids_with_control_tokens_read_from_the_text_are_exact(string file) =>
        Check(file, (tokenizer, given, text) =>
        {
            // Where reading control tokens makes no difference the second oracle decides here too.
            var ids = given["parse_special"]!;
            if (Ids(ids) == Ids(given["plain"]!))
                ids = Authority(given, ids);
            return (Ids(ids), tokenizer.Encode(text, parseSpecial: true));
        });

    [Theory]
    [MemberData(nameof(Expected))]
    public void Text_comes_back_as_expected(string file)
    {
        var wrong = new List<string>();
        foreach (var given in Cases(file))
        {
            int[] ids = [.. given["plain"]!.AsArray().Select(id => (int)id!)];
            string text = vocabularies[Vocabulary(file)].Decode(ids, showSpecial: true);
            if (text != (string)given["detok"]!)
                wrong.Add($"{given["detok"]!.ToJsonString()} came back as {JsonValue.Create(text).ToJsonString()}");
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Ids_of_the_peers_own_test_texts_are_exact(string file)
    {
        string path = Vocabularies.Locate(file)!;
        string[] texts = File.ReadAllText(path).Split("\n__ggml_vocab_test__\n");
        string[] expected = File.ReadAllText(Path.ChangeExtension(path, ".out")).Split('\n');
        var tokenizer = vocabularies[file.Replace(".inp", "", StringComparison.Ordinal)];
        // The last line of either file ends it.
        texts[^1] = texts[^1].TrimEnd('\n');
        var wrong = texts.Zip(expected, (text, ids) => (Text: text, Expected: ids.Trim(),
                Actual: string.Join(' ', tokenizer.Encode(text))))
            .Where(one => one.Actual != one.Expected);
        Assert.Empty(wrong);
        Assert.True(texts.Length > 40);
    }

    private static TheoryData<string> Files(string folder, string pattern)
    {
        string? root = ConformanceData.Root;
        string path = root is null ? "" : Path.Combine(root, "tokenizers", folder);
        return Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, pattern).Select(file => Path.GetFileName(file)).Order()]
            : ["(absent)"];
    }

    private static bool HasVocabulary(string file) =>
        Vocabularies.Locate(file.Replace(".inp", "", StringComparison.Ordinal)) is not null;

    private static string Vocabulary(string file) => file.Replace(".json", "", StringComparison.Ordinal);

    private static IEnumerable<JsonNode> Cases(string file)
    {
        string path = Path.Combine(ConformanceData.Require("tokenizers/expected"), file);
        return JsonNode.Parse(File.ReadAllText(path))!["cases"]!.AsArray()!;
    }

    private static JsonNode Authority(JsonNode given, JsonNode otherwise) =>
        (string?)given["authority"] == "oracle2" ? given["oracle2"]! : otherwise;

    private static string Ids(JsonNode ids) => string.Join(' ', ids.AsArray().Select(id => (int)id!));

    private void Check(string file, Func<Tokenizer, JsonNode, string, (string Expected, int[] Actual)> run)
    {
        var tokenizer = vocabularies[Vocabulary(file)];
        var wrong = new List<string>();
        foreach (var given in Cases(file))
        {
            var (expected, actual) = run(tokenizer, given, (string)given["text"]!);
            if (expected != string.Join(' ', actual))
                wrong.Add($"{given["text"]!.ToJsonString()}: expected {expected}; got {string.Join(' ', actual)}");
        }
        Assert.Empty(wrong);
    }
}
