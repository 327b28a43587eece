using System.CommandLine;
using System.CommandLine.Parsing;
using Causerie.Inference;
using Causerie.Inference.KvCache;

namespace Causerie.Host.Commands;

/// <summary><c>--threads</c>, <c>--context</c> and <c>--kv</c>: how a model is opened and run, for commands that do.</summary>
internal sealed class ComputeOptions
{
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads to compute on; else one for each processor",
        HelpName = "N",
    };

    private readonly Option<string>? _kv;
    private readonly Option<int?>? _context;

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public ComputeOptions(Command command, bool withContext = true, bool withKv = true)
    {
        _threads.Validators.Add(AtLeastOne);
        command.Add(_threads);
        if (withKv)
        {
            _kv = new Option<string>("--kv")
            {
                Description = "How keys and values are kept: f16, q8_0 (half its memory, a little less exact) or f32",
                HelpName = "FORMAT",
                DefaultValueFactory = _ => "f16",
            };
            _kv.Validators.Add(OneOfTheFormats);
            command.Add(_kv);
        }

        if (!withContext)
            return;
        _context = new Option<int?>("--context")
        {
            Description = "The longest prompt and answer together, in tokens; else the model's, up to "
                + $"{LoadOptions.DefaultContextLength}",
            HelpName = "N",
        };
        _context.Validators.Add(AtLeastOne);
        command.Add(_context);
    }

    /// <summary>Threads that were asked for; null takes one for each processor.</summary>
    public int? Threads(ParseResult arguments) => arguments.GetValue(_threads);

    /// <summary>How models are to be opened.</summary>
    public LoadOptions Options(ParseResult arguments) => new()
    {
        ContextLength = _context is null ? null : arguments.GetValue(_context),
        KvElement = _kv is null ? KvElement.F16 : Element(arguments.GetRequiredValue(_kv)) ?? KvElement.F16,
    };

    /// <summary>Opens a model as asked.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="context">The context where the command line names none.</param>
    /// <exception cref="CommandException">The context asked for is longer than the model's.</exception>
    public LoadedModel Load(ParseResult arguments, string path, int? context = null)
    {
        var options = Options(arguments);
        try
        {
            return LoadedModel.Load(path, options with { ContextLength = options.ContextLength ?? context });
        }
        catch (ArgumentException e)
        {
            throw CommandException.Usage(e.Message);
        }
    }

    /// <summary>Settings of an engine that serves one conversation.</summary>
    public EngineOptions Engine(ParseResult arguments) => new() { MaxSequences = 1, Threads = Threads(arguments) };

    /// <summary>Complains of numbers below one; a value that is no number has its own complaint already.</summary>
    public static void AtLeastOne(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out int number) && number < 1)
            result.AddError($"{result.Option.Name} should be at least 1, not {number}.");
    }

    private static KvElement? Element(string name) => name switch
    {
        "f16" => KvElement.F16,
        "q8_0" => KvElement.Q8_0,
        "f32" => KvElement.F32,
        _ => null,
    };

    private static void OneOfTheFormats(OptionResult result)
    {
        if (result.Tokens is [var token] && Element(token.Value) is null)
            result.AddError($"Keys and values are kept as f16, q8_0 or f32, not '{token.Value}'.");
    }
}
