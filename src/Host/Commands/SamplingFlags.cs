using System.CommandLine;
using Causerie.Chat;

namespace Causerie.Host.Commands;

/// <summary>How the next token is picked, as options of the commands that write text.</summary>
internal sealed class SamplingFlags
{
    private readonly Option<int?> _maxTokens = Number<int?>("--max-tokens", "The longest answer, in tokens", "N");

    private readonly Option<double?> _temperature = Number<double?>(
        "--temperature", "0 always takes the most likely token; else the model's own default");

    private readonly Option<int?> _topK = Number<int?>("--top-k", "Keep the K most likely tokens; 0 keeps all", "K");
    private readonly Option<double?> _topP = Number<double?>("--top-p", "Keep the likeliest tokens up to this mass");
    private readonly Option<double?> _minP = Number<double?>("--min-p", "Keep tokens this likely beside the best");
    private readonly Option<double?> _typicalP = Number<double?>("--typical-p", "Locally typical sampling mass");
    private readonly Option<double?> _repeat = Number<double?>("--repeat-penalty", "Divides logits of recent tokens");
    private readonly Option<double?> _presence = Number<double?>("--presence-penalty", "Subtracted once if seen");
    private readonly Option<double?> _frequency = Number<double?>("--frequency-penalty", "Subtracted each time seen");
    private readonly Option<ulong?> _seed = Number<ulong?>("--seed", "The same seed gives the same text", "N");

    private readonly Option<string[]> _stop = new("--stop")
    {
        Description = "Ends the answer where this text would come. May be repeated",
        HelpName = "TEXT",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public SamplingFlags(Command command)
    {
        Option[] all =
            [_maxTokens, _temperature, _topK, _topP, _minP, _typicalP, _repeat, _presence, _frequency, _seed, _stop];
        foreach (var option in all)
            command.Add(option);
        _maxTokens.Validators.Add(ComputeOptions.AtLeastOne);
    }

    /// <summary>The longest answer that was asked for.</summary>
    public int? MaxTokens(ParseResult arguments) => arguments.GetValue(_maxTokens);

    /// <summary>The texts that end the answer.</summary>
    /// <exception cref="CommandException">One is empty.</exception>
    public string[] Stop(ParseResult arguments)
    {
        string[] stops = arguments.GetValue(_stop) ?? [];
        return stops.Contains("") ? throw CommandException.Usage("--stop should not be empty.") : stops;
    }

    /// <summary>The settings, checked.</summary>
    /// <exception cref="ChatException">One is out of its range.</exception>
    public SamplingOptions Read(ParseResult arguments)
    {
        var options = new SamplingOptions
        {
            Temperature = arguments.GetValue(_temperature),
            TopK = arguments.GetValue(_topK),
            TopP = arguments.GetValue(_topP),
            MinP = arguments.GetValue(_minP),
            TypicalP = arguments.GetValue(_typicalP),
            RepeatPenalty = arguments.GetValue(_repeat),
            PresencePenalty = arguments.GetValue(_presence),
            FrequencyPenalty = arguments.GetValue(_frequency),
            Seed = arguments.GetValue(_seed),
        };
        options.Validate();
        return options;
    }

    private static Option<T> Number<T>(string name, string description, string value = "X") =>
        new(name) { Description = description, HelpName = value };
}
