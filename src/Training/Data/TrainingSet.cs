using System.IO.Hashing;
using System.Text;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Recipes;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Data;

/// <summary>What a recipe names, read and ready: vocabulary, chat template and documents.</summary>
public sealed class TrainingSet
{
    private TrainingSet(
        Recipe recipe, StartingModel? start, Vocabulary vocabulary, string? template,
        Func<ulong, bool, IDocuments> documents)
    {
        Recipe = recipe;
        Start = start;
        Vocabulary = vocabulary;
        Template = template;
        Documents = documents(recipe.Seed, false);
        HeldOut = documents(~recipe.Seed, true);
        Origin = Digest();
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The model that training goes on from, or null.</summary>
    public StartingModel? Start { get; }

    /// <summary>The vocabulary.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The chat template, or null.</summary>
    public string? Template { get; }

    /// <summary>What is learnt.</summary>
    public IDocuments Documents { get; }

    /// <summary>Documents drawn by another chance, to measure on.</summary>
    public IDocuments HeldOut { get; }

    /// <summary>Digest of recipe, starting model, vocabulary, template and the first documents.</summary>
    public UInt128 Origin { get; }

    /// <summary>Reads the data, and trains the vocabulary where there is no model to go on from.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="progress">Told the part of the vocabulary that is done, 0 to 1.</param>
    /// <param name="start">The model that the recipe starts from; null where it names none.</param>
    /// <exception cref="CorpusException">A file is malformed, absent or has too little in it.</exception>
    public static TrainingSet Prepare(Recipe recipe, Action<double> progress, StartingModel? start = null)
    {
        if (recipe.Start is null != start is null)
            throw new ArgumentException("A model to start from and the recipe's word of one go together.", nameof(start));
        return recipe.Dialogues is { } folder
            ? OfDialogues(recipe, start, folder, progress)
            : OfTexts(recipe, start, progress);
    }

    /// <summary>The numbers that the built-in dialogues tell about their model.</summary>
    /// <param name="recipe">The recipe.</param>
    public static About AboutModel(Recipe recipe) =>
        About.Of(new Models.ParameterLayout(recipe.Shape).Length, recipe.Date, ModelExport.Bytes(recipe));

    private static TrainingSet OfDialogues(
        Recipe recipe, StartingModel? start, string folder, Action<double> progress)
    {
        string source = ReadText(recipe.Resolve(recipe.Template!)).ReplaceLineEndings("\n");
        ChatTemplate template;
        try
        {
            template = ChatTemplate.Parse(source);
        }
        catch (TemplateException e)
        {
            throw new CorpusException($"{recipe.Template}: {e.Message}", e);
        }
        var corpus = CorpusFolder.Read(recipe.Resolve(folder), AboutModel(recipe));
        var expander = new Expander(corpus, new ExpanderOptions
        {
            Aside = recipe.Asides,
            Openings = recipe.Openings?.Chance ?? 0,
            SharedMarks = recipe.SharedMarks,
            Muddle = recipe.Muddle ?? new(),
            Oftener = recipe.Oftener,
            Noise = new Noise { Hurry = recipe.Hurry },
        });
        var marks = recipe.Marks ? expander.Marks : [];
        start = start?.WithMarks(marks);
        var vocabulary = start?.Vocabulary ?? VocabularyBuilder.Train(
            Texts(expander, recipe), recipe.Shape.Vocabulary, chats: true, progress, marks);
        if (vocabulary.Tokens.Length != recipe.Shape.Vocabulary)
            throw new CorpusException(
                $"With its marks the vocabulary has {vocabulary.Tokens.Length} tokens; the recipe says {recipe.Shape.Vocabulary}.");
        var encoder = new DialogueEncoder(template, Tokenizer.Create(vocabulary), corpus.Tools)
        {
            Marks = recipe.Marks,
            OpeningTokens = recipe.Openings?.Tokens ?? int.MaxValue,
        };
        return new TrainingSet(
            recipe, start, vocabulary, source, (seed, heldOut) => new DialogueDocuments(
                expander, encoder, recipe.Shape.Context, seed, heldOut ? 0 : recipe.QuestionsLearnt));
    }

    private static IEnumerable<string> Texts(Expander expander, Recipe recipe)
    {
        var dice = new Dice(recipe.Seed + 1);
        for (int i = 0; i < recipe.VocabularyDialogues; i++)
        {
            foreach (var message in expander.Draw(dice.Fork((ulong)i)).Messages)
                yield return message.Call is { } call ? $"{call.Name} {call.ArgumentsJson}" : message.Text;
        }
    }

    private static TrainingSet OfTexts(Recipe recipe, StartingModel? start, Action<double> progress)
    {
        string[] texts = [.. recipe.Texts.Select(path => ReadText(recipe.Resolve(path)))];
        var vocabulary = start?.Vocabulary ?? VocabularyBuilder.Train(texts, recipe.Shape.Vocabulary, chats: false, progress);
        var tokenizer = Tokenizer.Create(vocabulary);
        return new TrainingSet(
            recipe, start, vocabulary, null,
            (seed, _) => new TextDocuments(texts, tokenizer, vocabulary.Eos!.Value, recipe.Shape.Context, seed));
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read: {e.Message}", e);
        }
        catch (DecoderFallbackException)
        {
            throw new CorpusException($"{path} is not UTF-8 text.");
        }
    }

    /// <summary>Thousands of documents stand for all: data that differ anywhere differ in them, but for slots of rare rows.</summary>
    private UInt128 Digest()
    {
        const int Sample = 2000;
        var hash = new XxHash128();
        Add(Recipe.ToJson());
        Add(Template ?? "");
        foreach (string token in Vocabulary.Tokens)
            Add(token);
        var bytes = new byte[4];
        foreach (float weight in Start?.Parameters ?? [])
        {
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes, weight);
            hash.Append(bytes);
        }
        for (int i = 0; i < Sample; i++)
        {
            foreach (int token in Documents[i].Tokens)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes, token);
                hash.Append(bytes);
            }
        }
        return hash.GetCurrentHashAsUInt128();

        void Add(string text) => hash.Append(Encoding.UTF8.GetBytes(text + "\n"));
    }
}
