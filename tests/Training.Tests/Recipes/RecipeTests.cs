using Causerie.Training.Corpus;
using Causerie.Training.Recipes;

namespace Causerie.Training.Tests.Recipes;

public sealed class RecipeTests : IDisposable
{
    private const string Shape =
        """
        "shape": { "vocabulary": 300, "layers": 2, "width": 32, "heads": 4, "keyHeads": 2, "headDim": 8, "feedForward": 64, "context": 48 }
        """;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_recipe_is_read_with_its_defaults()
    {
        var recipe = Read($$"""{ "name": "x", "date": "2026-01-02", "texts": ["a.txt"], "steps": 10, "warmUp": 1, {{Shape}} }""");
        Assert.Equal(10, recipe.Steps);
        Assert.Equal("Q8_0", recipe.Format);
        Assert.Equal(Path.Combine(Path.GetDirectoryName(_path)!, "a.txt"), recipe.Resolve("a.txt"));
        Assert.Equal(recipe.Rate, recipe.LearningRate.At(1));
        Assert.Equal(recipe.Rate * recipe.FinalRate, recipe.LearningRate.At(10), 1e-6f);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "null")]
    [InlineData("""{ "name": "x" }""", "shape")]
    [InlineData("""{ "name": "", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, SHAPE }""", "name")]
    [InlineData("""{ "name": "x", "date": "yesterday", "texts": ["a"], "steps": 10, "warmUp": 1, SHAPE }""", "date")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 0, "warmUp": 0, SHAPE }""", "steps")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 11, SHAPE }""", "warmUp")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "steps": 10, "warmUp": 1, SHAPE }""", "dialogues or texts")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "dialogues": ".", "steps": 10, "warmUp": 1, SHAPE }""", "dialogues or texts")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "steps": 10, "warmUp": 1, SHAPE }""", "template")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "rate": -1, SHAPE }""", "rate")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "format": "Q9", SHAPE }""", "Q9")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "batchTokens": 3, SHAPE }""", "batchTokens")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "optimiser": { "beta1": 1 }, SHAPE }""", "optimiser")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "muon": { "rate": 0 }, SHAPE }""", "muon")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "oftener": { "a": 2 }, SHAPE }""", "oftener")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "oftener": { "a": 0 }, SHAPE }""", "oftener")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "muon": { "momentum": 1 }, SHAPE }""", "muon")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "openings": {}, SHAPE }""", "openings")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "sharedMarks": ["a"], SHAPE }""", "sharedMarks")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "marks": true, SHAPE }""", "marks")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "openings": { "chance": 2 }, SHAPE }""", "chance")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "openings": { "tokens": 0 }, SHAPE }""", "tokens")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "muddle": {}, SHAPE }""", "muddle")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "muddle": { "leftOut": 2 }, SHAPE }""", "leftOut")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "dialogues": ".", "template": "t", "steps": 10, "warmUp": 1, "muddle": { "strays": -1 }, SHAPE }""", "strays")]
    [InlineData("""{ "name": "x", "date": "2026-01-02", "texts": ["a"], "steps": 10, "warmUp": 1, "colour": "red", SHAPE }""", "colour")]
    public void A_malformed_recipe_is_refused_by_the_fields_name(string json, string said)
    {
        var refused = Assert.Throws<CorpusException>(() => Read(json.Replace("SHAPE", Shape, StringComparison.Ordinal)));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
    }

    private Recipe Read(string json)
    {
        File.WriteAllText(_path, json);
        return Recipe.Read(_path);
    }
}
