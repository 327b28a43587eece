using Causerie.Training.Data;
using Causerie.Training.Models;
using Causerie.Training.Recipes;

namespace Causerie.Training.Tests;

/// <summary>Recipes of models so small that a test trains one.</summary>
internal sealed class TinyRecipes : IDisposable
{
    /// <summary>A chat template of the least that one needs.</summary>
    public const string ChatTemplate =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-training-").FullName;

    /// <summary>A recipe over two short texts.</summary>
    public Recipe OfTexts(int steps = 6)
    {
        File.WriteAllText(At("fox.txt"), string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 40)));
        File.WriteAllText(At("été.txt"), string.Concat(Enumerable.Repeat("L'été, le renard brun saute par-dessus le chien. ", 40)));
        return new Recipe
        {
            Name = "tiny",
            Date = new DateOnly(2026, 1, 2),
            Shape = new TransformerShape(300, 2, 32, 4, 2, 8, 64, 48),
            Texts = ["fox.txt", "été.txt"],
            Steps = steps,
            BatchTokens = 96,
            WarmUp = 2,
            Format = "F32",
            Folder = _folder,
        };
    }

    /// <summary>A recipe over one topic whose answer is always the same and one whose answer is not.</summary>
    public Recipe OfDialogues()
    {
        foreach (string language in (string[])["en", "fr"])
        {
            Directory.CreateDirectory(At($"books/{language}"));
            File.WriteAllText(At($"books/{language}/a.book"), "= fox.what\n? what jumps\n! the fox\n= same\n? <<sum.a>>?\n! <<sum.a>>\n");
        }
        File.WriteAllText(At("chat.jinja"), ChatTemplate);
        return OfTexts() with { Texts = [], Dialogues = ".", Template = "chat.jinja", VocabularyDialogues = 50 };
    }

    /// <summary>That of texts, ready.</summary>
    public TrainingSet Prepare(int steps = 6) => TrainingSet.Prepare(OfTexts(steps), _ => { });

    /// <summary>A path in the recipes' folder.</summary>
    public string At(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
