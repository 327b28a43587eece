using System.CommandLine;
using System.Globalization;
using Causerie.Compute.Threading;
using Causerie.Host.Commands.Learning;
using Causerie.Host.Models;
using Causerie.Text.Tokenizers;
using Causerie.Training;
using Causerie.Training.Corpus;
using Causerie.Training.Data;
using Causerie.Training.Models;
using Causerie.Training.Recipes;

namespace Causerie.Host.Commands;

/// <summary><c>causerie train</c>: trains a small model from a recipe, or goes on where it stopped.</summary>
internal sealed class Train : TerminalCommand
{
    /// <summary>A recipe that starts from itself would never end.</summary>
    private const int MostStarts = 8;

    private readonly Argument<string> _recipe = new("RECIPE")
    {
        Description = "A JSON file that says what is learnt from what: docs/training.md",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "The model to write; else the recipe's name with .gguf, in this folder",
        HelpName = "FILE",
    };

    private readonly Option<int> _every = new("--save-every")
    {
        Description = "Steps between two checkpoints, which are kept beside the model",
        HelpName = "N",
        DefaultValueFactory = _ => 200,
    };

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads to compute on; else one for each core that this process may use",
        HelpName = "N",
    };

    private readonly Option<int?> _show = new("--show")
    {
        Description = "Print so many of the documents that would be learnt from, as the model reads them, and train nothing",
        HelpName = "N",
    };

    private readonly Option<string?> _start = new("--start")
    {
        Description = "The model that the recipe starts from, if it is made already; else it is trained first",
        HelpName = "FILE",
    };

    private readonly Option<bool> _restart = new("--restart") { Description = "Begin anew though there is a checkpoint" };

    /// <summary>Declares the command.</summary>
    public Train(Terminal terminal)
        : base(
            terminal,
            "train",
            "Train a small model from a recipe, or go on where training stopped.\n\n"
            + "A vocabulary is trained first, then the model, step by step. The model, a checkpoint and the curve of "
            + "the loss are written beside one another; Ctrl-C keeps what was reached. The same recipe gives the same "
            + "file, bit for bit, on any number of threads, and stopped and resumed or not.")
    {
        _every.Validators.Add(ComputeOptions.AtLeastOne);
        _threads.Validators.Add(ComputeOptions.AtLeastOne);
        _show.Validators.Add(ComputeOptions.AtLeastOne);
        Add(_recipe);
        Add(_output);
        Add(_every);
        Add(_threads);
        Add(_show);
        Add(_start);
        Add(_restart);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie train data/guide.json", "the built-in model"),
        new("causerie train data/guide.json --show 20", "what it learns from, before anything is trained"),
        new("causerie train my-texts.json --output my.gguf", "a model of one's own"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var recipe = Recipe.Read(arguments.GetRequiredValue(_recipe));
        if (arguments.GetValue(_start) is not null && recipe.Start is null)
            throw new CommandException("The recipe starts from no other model: leave --start out.", ExitCode.Usage);
        using var pool = new WorkerPool(arguments.GetValue(_threads) ?? WorkerPool.DefaultThreads);
        await MakeAsync(
            recipe, arguments.GetValue(_output) ?? recipe.Name + ".gguf", arguments.GetValue(_start), arguments, pool, 0,
            cancellationToken);
        return ExitCode.Ok;
    }

    /// <summary>Trains a recipe's model, and before it the one that it starts from, where that is not there.</summary>
    private async Task MakeAsync(
        Recipe recipe, string output, string? startPath, ParseResult arguments, WorkerPool pool, int depth,
        CancellationToken cancellationToken)
    {
        var start = await StartAsync(recipe, output, startPath, arguments, pool, depth, cancellationToken);
        using var screen = new TrainingScreen(Terminal, recipe);
        var set = await PrepareAsync(recipe, screen, start, cancellationToken);
        if (arguments.GetValue(_show) is { } documents)
        {
            screen.Dispose();
            Show(set, documents);
            return;
        }
        string checkpoint = output + ".checkpoint";
        var trainer = !arguments.GetValue(_restart) && File.Exists(checkpoint)
            ? Trainer.Resume(set, Checkpoint.Read(checkpoint), pool)
            : Trainer.Start(set, pool);
        screen.Begin(trainer, new ParameterLayout(recipe.Shape).Length);
        int every = arguments.GetValue(_every);
        while (trainer.Step < recipe.Steps)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                trainer.Save().Write(checkpoint);
                Note($"Stopped after step {trainer.Step}; the same command goes on from there.");
                cancellationToken.ThrowIfCancellationRequested();
            }
            screen.Show(trainer.Advance());
            if (trainer.Step % every != 0 && trainer.Step != recipe.Steps)
                continue;
            trainer.Save().Write(checkpoint);
            screen.HeldOut(trainer.HeldOutLoss());
            await DrawAsync(recipe, trainer, output);
        }

        await DrawAsync(recipe, trainer, output);
        ModelExport.Write(output, recipe, set.Vocabulary, set.Template, trainer.Parameters);
        screen.Dispose();
        Terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{output}: {ByteSize.Text(new FileInfo(output).Length)}, held-out loss {trainer.HeldOutLoss():0.0000} nats a token"));
    }

    /// <summary>The model that a recipe starts from, made where it is not there; to show documents its vocabulary is enough.</summary>
    private async Task<StartingModel?> StartAsync(
        Recipe recipe, string output, string? startPath, ParseResult arguments, WorkerPool pool, int depth,
        CancellationToken cancellationToken)
    {
        if (recipe.Start is not { } name)
            return null;
        string path = startPath ?? Path.ChangeExtension(output, ".start.gguf");
        if (startPath is not null || File.Exists(path))
        {
            if (startPath is null)
                Note($"Going on from {path}, which is there; delete it to make it anew.");
            return StartingModel.Read(path, recipe.Shape, recipe.Marks);
        }
        if (depth == MostStarts)
            throw new CorpusException($"{name}: recipes start from one another more than {MostStarts} times.");
        var first = Recipe.Read(recipe.Resolve(name));
        if (arguments.GetValue(_show) is null)
        {
            await MakeAsync(first, path, null, arguments, pool, depth + 1, cancellationToken);
            return StartingModel.Read(path, recipe.Shape, recipe.Marks);
        }
        var start = await StartAsync(first, path, null, arguments, pool, depth + 1, cancellationToken);
        using var screen = new TrainingScreen(Terminal, first);
        var set = await PrepareAsync(first, screen, start, cancellationToken);
        return new StartingModel(set.Vocabulary, []);
    }

    private static Task<TrainingSet> PrepareAsync(
        Recipe recipe, TrainingScreen screen, StartingModel? start, CancellationToken cancellationToken) =>
        Task.Run(() => TrainingSet.Prepare(recipe, screen.Vocabulary, start), cancellationToken).WaitAsync(cancellationToken);

    private void Show(TrainingSet set, int count)
    {
        var tokenizer = Tokenizer.Create(set.Vocabulary);
        for (long i = 0; i < count; i++)
        {
            var document = set.Documents[i];
            Terminal.Out.WriteLine(Terminal.Harmless(tokenizer.Decode(document.Tokens, showSpecial: true)));
            Terminal.Out.WriteLine($"({document.Tokens.Length} tokens, {document.Learnt.Count(learnt => learnt)} of them learnt)\n");
        }
    }

    private static Task DrawAsync(Recipe recipe, Trainer trainer, string output) =>
        File.WriteAllTextAsync(
            Path.ChangeExtension(output, ".svg"), LossCurve.Svg($"{recipe.Name}: loss while training", trainer.Losses));

    private void Note(FormattableString text) => Terminal.Error.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
