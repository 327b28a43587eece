using System.CommandLine;
using System.CommandLine.Parsing;
using Causerie.Host.Commands.Chatting;
using Causerie.Host.Commands.Loading;
using Causerie.Inference;
using Causerie.Inference.KvCache;

namespace Causerie.Host.Commands;

/// <summary><c>--threads</c>, <c>--context</c>, <c>--kv</c> and <c>--weights-cache</c>: how a model is opened and run.</summary>
internal sealed class ComputeOptions
{
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads to compute on; else one for each core that this process may use",
        HelpName = "N",
    };

    private readonly WeightsOption _weights = new();
    private readonly Terminal _terminal;
    private readonly DataOption _data;
    private readonly Option<string>? _kv;
    private readonly Option<int?>? _context;

    /// <summary>Adds the options to <paramref name="command"/>, and its <paramref name="data"/> behind them.</summary>
    public ComputeOptions(
        Command command, Terminal terminal, DataOption data, bool withContext = true, bool withKv = true)
    {
        _terminal = terminal;
        _data = data;
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

        if (withContext)
        {
            _context = new Option<int?>("--context")
            {
                Description = "The longest prompt and answer together, in tokens; else the model's, up to "
                    + $"{LoadOptions.DefaultContextLength}",
                HelpName = "N",
            };
            _context.Validators.Add(AtLeastOne);
            command.Add(_context);
        }

        command.Add(_weights);
        command.Add(data);
    }

    /// <summary>Threads that were asked for; null takes one for each core.</summary>
    public int? Threads(ParseResult arguments) => arguments.GetValue(_threads);

    /// <summary>How models are to be opened.</summary>
    public LoadOptions Options(ParseResult arguments) => new()
    {
        ContextLength = _context is null ? null : arguments.GetValue(_context),
        KvElement = _kv is null ? KvElement.F16 : Element(arguments.GetRequiredValue(_kv)) ?? KvElement.F16,
        Threads = Threads(arguments),
        CacheFolder = _weights.Folder(arguments, _data, _terminal),
    };

    /// <summary>Opens a model as asked.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <param name="context">The context where the command line names none.</param>
    /// <param name="texts">The language of the progress; null is English.</param>
    /// <exception cref="CommandException">The context asked for is longer than the model's.</exception>
    public Task<LoadedModel> LoadAsync(
        ParseResult arguments, string path, CancellationToken cancellationToken, int? context = null,
        ChatTexts? texts = null)
    {
        var options = Options(arguments);
        return ModelLoading.OpenAsync(
            _terminal, texts ?? ChatTexts.English, path,
            options with { ContextLength = options.ContextLength ?? context }, cancellationToken);
    }

    /// <summary>What is left to do for <paramref name="model"/> at the end of the command.</summary>
    public Keeping Keeping(LoadedModel model, CancellationToken cancellationToken, ChatTexts? texts = null) =>
        new(_terminal, texts ?? ChatTexts.English, model, cancellationToken);

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
