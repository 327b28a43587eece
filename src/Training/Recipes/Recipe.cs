using System.Text.Json;
using System.Text.Json.Serialization;
using Causerie.Training.Corpus;
using Causerie.Training.Models;
using Causerie.Training.Optimisation;

namespace Causerie.Training.Recipes;

/// <summary>All that decides what a trained model will be, as a JSON file says it; paths are relative to that file.</summary>
public sealed record Recipe
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The model's name, which the file carries.</summary>
    public required string Name { get; init; }

    /// <summary>What the file says of the model, or nothing.</summary>
    public string? Description { get; init; }

    /// <summary>The day that the model is said to be made on.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Sizes.</summary>
    public required TransformerShape Shape { get; init; }

    /// <summary>A folder of books and tables to learn dialogues from, or none.</summary>
    public string? Dialogues { get; init; }

    /// <summary>Text files to learn from as they stand, or none.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>The chat template's file; without it the model continues texts.</summary>
    public string? Template { get; init; }

    /// <summary>Where all chance comes from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Dialogues that the vocabulary is trained on.</summary>
    public int VocabularyDialogues { get; init; } = 50_000;

    /// <summary>
    /// How many of the tokens that the model need not write, questions above all, are learnt beside those that it must, as a
    /// part: words that can stand in one place come to mean much the same.
    /// </summary>
    public double QuestionsLearnt { get; init; }

    /// <summary>Chance that a sentence beside the point, from the table <c>asides</c>, stands before a question.</summary>
    public double Asides { get; init; }

    /// <summary>Chance that a question leaves out some words, where its answer does not hang on each of them.</summary>
    public double Hurry { get; init; }

    /// <summary>
    /// Whether an answer that is always the same begins with its topic's mark, a control token that nobody is shown: the model
    /// says to itself what it is asked before it answers.
    /// </summary>
    public bool Marks { get; init; }

    /// <summary>
    /// Beginnings of topics' names, such as <c>beyond</c>, that share one mark: what may be asked in a thousand ways weighs as
    /// one thing against each other topic.
    /// </summary>
    public IReadOnlyList<string> SharedMarks { get; init; } = [];

    /// <summary>How many dialogues are one question and only the opening of its answer; null for none.</summary>
    public OpeningOptions? Openings { get; init; }

    /// <summary>How questions are muddled, so that words are learnt and not sentences; null leaves them as they are.</summary>
    public MuddleOptions? Muddle { get; init; }

    /// <summary>How many times as often as by their weights topics are drawn, by their names or what those begin with.</summary>
    public IReadOnlyDictionary<string, int> Oftener { get; init; } = new Dictionary<string, int>();

    /// <summary>Steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Batches whose gradients make a step.</summary>
    public int BatchesOfStep { get; init; } = 2;

    /// <summary>The most tokens of a batch.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>Learning rate after the warm-up.</summary>
    public float Rate { get; init; } = 2e-3f;

    /// <summary>Learning rate at the end, as a part of the highest.</summary>
    public float FinalRate { get; init; } = 0.05f;

    /// <summary>Steps of the warm-up.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>The optimiser's constants.</summary>
    public AdamWOptions Optimiser { get; init; } = new();

    /// <summary>Constants of Muon, which then moves the blocks' matrices; null leaves them to AdamW.</summary>
    public MuonOptions? Muon { get; init; }

    /// <summary>Another recipe whose model this training goes on from, with its vocabulary; or none.</summary>
    public string? Start { get; init; }

    /// <summary>The format of the file's matrices.</summary>
    public string Format { get; init; } = "Q8_0";

    /// <summary>The folder that paths start from.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = "";

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CorpusException">It is no JSON, or a field is absent, unknown or out of range.</exception>
    public static Recipe Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var recipe = JsonSerializer.Deserialize<Recipe>(stream, Json)
                ?? throw new CorpusException($"{path}: the recipe is null.");
            recipe.Check();
            return recipe with { Folder = Path.GetDirectoryName(Path.GetFullPath(path))! };
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new CorpusException($"{path}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The recipe as text that two equal recipes share.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>A path of the recipe's from the present folder on.</summary>
    public string Resolve(string path) => Path.Combine(Folder, path);

    /// <summary>The learning rate of each step.</summary>
    public LearningRate LearningRate => new(Rate, Rate * FinalRate, WarmUp, Steps);

    private void Check()
    {
        Shape.Check();
        if (Name.Length is 0 or > 100)
            throw new ArgumentException("name has 1 to 100 characters.");
        if (Dialogues is null == (Texts.Count == 0))
            throw new ArgumentException("a recipe names either dialogues or texts.");
        if (Dialogues is not null && Template is null)
            throw new ArgumentException("dialogues need a template.");
        Require(Steps, 1, 10_000_000, "steps");
        Require(BatchesOfStep, 1, 1024, "batchesOfStep");
        Require(BatchTokens, 16, 1 << 20, "batchTokens");
        Require(WarmUp, 0, Steps, "warmUp");
        Require(VocabularyDialogues, 1, 10_000_000, "vocabularyDialogues");
        if (!(Rate is > 0 and <= 1) || !(FinalRate is >= 0 and <= 1))
            throw new ArgumentException("rate and finalRate are above 0 and at most 1.");
        if (QuestionsLearnt is not (>= 0 and <= 1))
            throw new ArgumentException("questionsLearnt is 0 to 1.");
        if (Asides is not (>= 0 and <= 1) || Hurry is not (>= 0 and <= 1))
            throw new ArgumentException("asides and hurry are 0 to 1.");
        if (Dialogues is null && (QuestionsLearnt > 0 || Asides > 0 || Hurry > 0 || Oftener.Count > 0 || Marks || Openings is not null))
            throw new ArgumentException("questionsLearnt, asides, hurry, oftener, marks and openings are for dialogues, not for texts.");
        if (Openings is { } openings)
        {
            if (openings.Chance is not (>= 0 and <= 1))
                throw new ArgumentException("openings: chance is 0 to 1.");
            Require(openings.Tokens, 1, 1000, "openings: tokens");
        }
        if (Muddle is { } muddle)
        {
            if (Dialogues is null)
                throw new ArgumentException("muddle is for dialogues, not for texts.");
            if (muddle.Chance is not (>= 0 and <= 1) || muddle.LeftOut is not (>= 0 and <= 1))
                throw new ArgumentException("muddle: chance and leftOut are 0 to 1.");
            Require(muddle.Strays, 0, 20, "muddle: strays");
            Require(muddle.Swaps, 0, 20, "muddle: swaps");
            Require(muddle.Slips, 0, 20, "muddle: slips");
        }
        if (SharedMarks.Count > 0 && !Marks)
            throw new ArgumentException("sharedMarks need marks.");
        foreach (int times in Oftener.Values)
            Require(times, 1, 100, "oftener");
        var o = Optimiser;
        if (!(o.Beta1 is >= 0 and < 1) || !(o.Beta2 is >= 0 and < 1) || !(o.Epsilon > 0) || !(o.Decay is >= 0 and < 1)
            || !(o.Clip > 0))
            throw new ArgumentException("optimiser: betas and decay are 0 to 1, epsilon and clip above 0.");
        if (Muon is { } m && (!(m.Rate is > 0 and <= 1) || !(m.Momentum is >= 0 and < 1) || !(m.Decay is >= 0 and < 1)))
            throw new ArgumentException("muon: rate is above 0 and at most 1, momentum and decay 0 to 1.");
        if (Compute.Formats.TensorFormat.All.Values.All(format => format.Name != Format))
            throw new ArgumentException($"format '{Format}' is none that there is.");
    }

    private static void Require(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentException($"{name} is {value}; it is {least} to {most}.");
    }
}

/// <summary>Dialogues that are one question and the opening of its answer.</summary>
/// <remarks>
/// Which answer a question gets is decided by its first tokens; what follows them has long been known by heart. So more
/// questions can be learnt from as many tokens.
/// </remarks>
public sealed record OpeningOptions
{
    /// <summary>Chance of a dialogue whose answer is always the same to be one.</summary>
    public double Chance { get; init; }

    /// <summary>The tokens of the answer that are kept.</summary>
    public int Tokens { get; init; } = 12;
}
