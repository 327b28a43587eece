using System.CommandLine;
using System.CommandLine.Parsing;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Inference;

namespace Causerie.Host.Commands;

/// <summary>What <c>serve</c> takes on: how many at once, in how much memory, and for how long models stay.</summary>
internal sealed class ServingLimits
{
    private const string Never = "never";

    private readonly Option<int> _parallel = new("--parallel")
    {
        Description = "Answers that each model writes at once",
        HelpName = "N",
        DefaultValueFactory = _ => new EngineOptions().MaxSequences,
    };

    private readonly Option<int> _queue = new("--queue")
    {
        Description = "Requests that wait for a place at each model; a further one is told when to come back",
        HelpName = "N",
        DefaultValueFactory = _ => new EngineOptions().QueueLength,
    };

    private readonly Option<string?> _kvMemory = new("--kv-memory")
    {
        Description = "Memory for keys and values of each model, such as 2GB; else half of what is left, or what "
            + "--parallel whole contexts need if that is less",
        HelpName = "SIZE",
    };

    private readonly Option<string?> _memory = new("--memory")
    {
        Description = "Memory for all models together: idle ones are unloaded for others; else what the process may use",
        HelpName = "SIZE",
    };

    private readonly Option<string> _unloadAfter = new("--unload-after")
    {
        Description = "Unload a model that nobody asked for so long, such as 10m or 2h; 'never' keeps it",
        HelpName = "TIME",
        DefaultValueFactory = _ => Never,
    };

    private readonly Option<bool> _sharePrompts = new("--share-prompts")
    {
        Description = "Let the prompts of one key speed up those of another, which lets their holders find out by "
            + "time what the others ask",
    };

    private readonly Option<string?> _maxFile = new("--max-file")
    {
        Description = $"The longest file that the API keeps for a caller; else {ByteSize.Text(new ServerOptions().MaxFileBytes)}",
        HelpName = "SIZE",
    };

    private readonly Option<int> _batchParallel = new("--batch-parallel")
    {
        Description = "Requests of batches that are answered at once; they give way to all others",
        HelpName = "N",
        DefaultValueFactory = _ => new ServerOptions().BatchParallel,
    };

    private readonly Option<int?> _requestsPerMinute = new("--requests-per-minute")
    {
        Description = "Requests for answers that each key, or address where there are no keys, may send a minute; else any number",
        HelpName = "N",
    };

    private readonly Option<int?> _tokensPerMinute = new("--tokens-per-minute")
    {
        Description = "Tokens, read and written, that each may use a minute; else any number",
        HelpName = "N",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ServingLimits(Command command)
    {
        _parallel.Validators.Add(ComputeOptions.AtLeastOne);
        _parallel.Validators.Add(AtMostSequences);
        _queue.Validators.Add(NotNegative);
        _requestsPerMinute.Validators.Add(ComputeOptions.AtLeastOne);
        _tokensPerMinute.Validators.Add(ComputeOptions.AtLeastOne);
        _kvMemory.Validators.Add(IsSize);
        _memory.Validators.Add(IsSize);
        _unloadAfter.Validators.Add(IsDuration);
        _maxFile.Validators.Add(IsSize);
        _batchParallel.Validators.Add(ComputeOptions.AtLeastOne);
        command.Add(_parallel);
        command.Add(_queue);
        command.Add(_kvMemory);
        command.Add(_memory);
        command.Add(_unloadAfter);
        command.Add(_sharePrompts);
        command.Add(_maxFile);
        command.Add(_batchParallel);
        command.Add(_requestsPerMinute);
        command.Add(_tokensPerMinute);
    }

    /// <summary>Limits of the engine of each model.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="threads">Threads to compute on.</param>
    public EngineOptions Engine(ParseResult arguments, int? threads) => new()
    {
        Threads = threads,
        MaxSequences = arguments.GetValue(_parallel),
        QueueLength = arguments.GetValue(_queue),
        CacheBytes = Size(arguments.GetValue(_kvMemory)),
        MemoryBytes = Size(arguments.GetValue(_memory)),
    };

    /// <summary>How long models stay, and in how much memory.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="models">Knows what each needs.</param>
    public LibraryOptions Library(ParseResult arguments, LocalModels models) => new()
    {
        MemoryBytes = Size(arguments.GetValue(_memory)),
        UnloadAfter = Duration.TryParse(arguments.GetRequiredValue(_unloadAfter), out var idle) ? idle : null,
        Needs = models.Needs,
        Holds = LocalModels.Holds,
        Chats = LocalModels.Chats,
        IsSpoilt = LocalModels.IsSpoilt,
    };

    /// <summary>The longest file that is kept for a caller, in bytes.</summary>
    public long MaxFileBytes(ParseResult arguments) => Size(arguments.GetValue(_maxFile)) ?? new ServerOptions().MaxFileBytes;

    /// <summary>Requests of batches that are answered at once.</summary>
    public int BatchParallel(ParseResult arguments) => arguments.GetValue(_batchParallel);

    /// <summary>Whether all keys share prompts.</summary>
    public bool SharePrompts(ParseResult arguments) => arguments.GetValue(_sharePrompts);

    /// <summary>Requests that each caller may send a minute; null is any number.</summary>
    public int? RequestsPerMinute(ParseResult arguments) => arguments.GetValue(_requestsPerMinute);

    /// <summary>Tokens that each caller may use a minute; null is any number.</summary>
    public int? TokensPerMinute(ParseResult arguments) => arguments.GetValue(_tokensPerMinute);

    private static long? Size(string? text) => text is not null && ByteSize.TryParse(text, out long bytes) ? bytes : null;

    private static void NotNegative(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out int number) && number < 0)
            result.AddError($"{result.Option.Name} should be at least 0, not {number}.");
    }

    private static void AtMostSequences(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out int number) && number > EngineOptions.MostSequences)
            result.AddError($"{result.Option.Name} should be at most {EngineOptions.MostSequences}, not {number}.");
    }

    private static void IsSize(OptionResult result)
    {
        if (result.Tokens is [var token] && !ByteSize.TryParse(token.Value, out _))
            result.AddError($"{result.Option.Name} takes {ByteSize.Forms}, at most 9 EB, not '{token.Value}'.");
    }

    private static void IsDuration(OptionResult result)
    {
        if (result.Tokens is [var token] && !Duration.TryParse(token.Value, out _))
            result.AddError($"{result.Option.Name} takes {Duration.Forms}, from 1s to 24d, not '{token.Value}'.");
    }
}
