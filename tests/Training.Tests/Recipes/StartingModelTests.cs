using Causerie.Compute.Threading;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Recipes;

namespace Causerie.Training.Tests.Recipes;

public sealed class StartingModelTests : IDisposable
{
    private readonly TinyRecipes _recipes = new();

    public void Dispose() => _recipes.Dispose();

    [Fact]
    public void Training_goes_on_from_the_weights_and_the_vocabulary_of_the_file()
    {
        var (recipe, path, parameters) = Made();
        var start = StartingModel.Read(path, recipe.Shape);
        Assert.Equal(parameters, start.Parameters);

        using var pool = new WorkerPool(2);
        var next = recipe with { Start = "first.json", Texts = ["fox.txt"], Seed = 9 };
        var set = TrainingSet.Prepare(next, _ => { }, start);
        Assert.Equal(TrainingSet.Prepare(recipe, _ => { }).Vocabulary.Tokens, set.Vocabulary.Tokens);
        var trainer = Trainer.Start(set, pool);
        Assert.Equal(parameters, trainer.Parameters);
        trainer.Advance();
        Assert.NotEqual(parameters, trainer.Parameters);
        Assert.Equal(parameters, start.Parameters);
    }

    [Fact]
    public void A_checkpoint_of_another_start_is_refused()
    {
        var (recipe, path, _) = Made();
        using var pool = new WorkerPool(1);
        var next = recipe with { Start = "first.json" };
        var start = StartingModel.Read(path, recipe.Shape);
        var checkpoint = Trainer.Start(TrainingSet.Prepare(next, _ => { }, start), pool).Save();
        start.Parameters[7] += 1;
        var set = TrainingSet.Prepare(next, _ => { }, start);
        Assert.Throws<CorpusException>(() => Trainer.Resume(set, checkpoint, pool));
    }

    [Fact]
    public void A_recipe_and_its_start_go_together()
    {
        var (recipe, path, _) = Made();
        Assert.Throws<ArgumentException>(
            () => TrainingSet.Prepare(recipe, _ => { }, StartingModel.Read(path, recipe.Shape)));
        Assert.Throws<ArgumentException>(() => TrainingSet.Prepare(recipe with { Start = "first.json" }, _ => { }));
    }

    [Fact]
    public void Marks_are_added_behind_the_tokens_of_the_start_and_begin_with_zeros()
    {
        var (recipe, path, parameters) = Made();
        var more = recipe.Shape with { Vocabulary = 302 };
        Assert.Contains("vocab_size 300", Assert.Throws<CorpusException>(() => StartingModel.Read(path, more)).Message, StringComparison.Ordinal);
        var start = StartingModel.Read(path, more, grows: true);
        Assert.Equal(parameters, start.Parameters);
        var grown = start.WithMarks(["keys", "model.best"]).WithMarks(["keys"]);
        Assert.Equal([.. start.Vocabulary.Tokens, "<|topic:keys|>", "<|topic:model.best|>"], grown.Vocabulary.Tokens);
        Assert.Equal([TokenKind.Control, TokenKind.Control], grown.Vocabulary.Kinds[300..]);
        int rows = 300 * recipe.Shape.Width, added = 2 * recipe.Shape.Width;
        Assert.Equal([.. parameters[..rows], .. new float[added], .. parameters[rows..]], grown.Parameters);
    }

    [Fact]
    public void Dialogues_with_marks_go_on_from_a_model_without_and_again_from_one_with_them()
    {
        var (recipe, path, _) = Made();
        var marked = _recipes.OfDialogues() with { Start = "first.json", Marks = true, Shape = recipe.Shape with { Vocabulary = 301 } };
        using var pool = new WorkerPool(1);
        var set = TrainingSet.Prepare(marked, _ => { }, StartingModel.Read(path, marked.Shape, grows: true));
        Assert.Equal("<|topic:fox.what|>", set.Vocabulary.Tokens[300]);
        Assert.Contains(Enumerable.Range(0, 20), i => set.Documents[i].Tokens.Contains(300));
        var trainer = Trainer.Start(set, pool);
        trainer.Advance();
        string next = _recipes.At("next.gguf");
        ModelExport.Write(next, marked, set.Vocabulary, set.Template, trainer.Parameters);
        var again = TrainingSet.Prepare(marked, _ => { }, StartingModel.Read(next, marked.Shape, grows: true));
        Assert.Equal(set.Vocabulary.Tokens, again.Vocabulary.Tokens);
        Assert.Equal(trainer.Parameters, again.Start!.Parameters);

        var wrong = marked with { Shape = marked.Shape with { Vocabulary = 305 } };
        Assert.Contains("has 301 tokens", Assert.Throws<CorpusException>(
            () => TrainingSet.Prepare(wrong, _ => { }, StartingModel.Read(path, wrong.Shape, grows: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_sizes_and_files_that_are_no_models_are_refused()
    {
        var (recipe, path, _) = Made();
        var s = recipe.Shape;
        Refused(s with { Layers = 3 }, "block_count");
        Refused(s with { Context = 50 }, "context_length");
        Refused(s with { Vocabulary = 301 }, "vocab_size 300");
        Refused(s with { FeedForward = 65 }, "feed_forward_length");
        Refused(s with { Epsilon = 1e-3f }, "epsilon");

        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Refused(s, path);
        File.WriteAllText(path, "no model");
        Refused(s, path);
        File.Delete(path);
        Refused(s, path);

        void Refused(Training.Models.TransformerShape shape, string said) => Assert.Contains(
            said, Assert.Throws<CorpusException>(() => StartingModel.Read(path, shape)).Message, StringComparison.Ordinal);
    }

    private (Recipe Recipe, string Path, float[] Parameters) Made()
    {
        using var pool = new WorkerPool(1);
        var recipe = _recipes.OfTexts();
        var set = TrainingSet.Prepare(recipe, _ => { });
        var trainer = Trainer.Start(set, pool);
        trainer.Advance();
        string path = _recipes.At("first.gguf");
        ModelExport.Write(path, recipe, set.Vocabulary, set.Template, trainer.Parameters);
        return (recipe, path, trainer.Parameters);
    }
}
