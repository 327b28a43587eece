using System.Globalization;

namespace Causerie.Bench.Comparison;

/// <summary>The command line: words, and options with a value each.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];
    private readonly List<string> _words = [];

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">Words and options.</param>
    /// <param name="known">Names of options, with their dashes; others are refused.</param>
    /// <exception cref="ArgumentException">An option is not known or has no value.</exception>
    public Options(ReadOnlySpan<string> arguments, params ReadOnlySpan<string> known)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
                _words.Add(argument);
            else if (!known.Contains(argument))
                throw new ArgumentException($"There is no option {argument}; there are {string.Join(' ', known.ToArray())}.");
            else if (++i == arguments.Length)
                throw new ArgumentException($"{argument} needs a value.");
            else
                _values[argument] = arguments[i];
        }
    }

    /// <summary>What the option says, or null.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The word at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentException">There are fewer; the message says what is missing.</exception>
    public string Word(int index, string what) =>
        index < _words.Count ? _words[index] : throw new ArgumentException($"The {what} is missing.");

    /// <summary>The items of a list with commas.</summary>
    public string[] List(string name, string usual) =>
        (this[name] ?? usual).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The numbers of a list with commas, each at least 1.</summary>
    /// <exception cref="ArgumentException">An item is no such number.</exception>
    public int[] Numbers(string name, string usual) =>
    [
        .. List(name, usual).Select(item =>
            int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
                ? number
                : throw new ArgumentException($"{name}: '{item}' is no number from 1 on.")),
    ];

    /// <summary>One number, at least 1.</summary>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    public int Number(string name, int usual) =>
        Numbers(name, usual.ToString(CultureInfo.InvariantCulture)) is [var number]
            ? number
            : throw new ArgumentException($"{name} takes one number.");

    /// <summary>yes or no.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public bool Flag(string name, bool usual) => this[name] switch
    {
        null => usual,
        "yes" => true,
        "no" => false,
        var other => throw new ArgumentException($"{name} is yes or no, not '{other}'."),
    };

    /// <summary>What the option says.</summary>
    /// <exception cref="ArgumentException">It is absent.</exception>
    public string Required(string name) => this[name] ?? throw new ArgumentException($"{name} is missing.");
}
