using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Causerie.Host.Commands;

/// <summary>The command line of <c>causerie</c>: finds the commands, parses, and runs one.</summary>
public static partial class CommandLine
{
    private static readonly string[] RootOptions = ["-h", "-?", "/h", "/?", "--help", "--version"];

    private static readonly ParserConfiguration Parsing = new()
    {
        // A text to tokenise may begin with @ or with a dash and letters.
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>Runs the command that <paramref name="args"/> names; <c>serve</c> when they name none.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var root = Root(terminal);
        var parsed = root.Parse(WithDefault(args), Parsing);
        if (parsed.Action is not HelpScreen)
        {
            string[] errors = [.. parsed.Errors.Select(error => error.Message).Concat(StrayOptions(parsed)).Distinct()];
            if (errors.Length > 0)
                return Complain(parsed, errors, args, terminal);
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellationToken);
    }

    /// <summary>The root with every command in this assembly.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The host is not trimmed.")]
    public static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(
            "Causerie runs language models from GGUF files on your own machine: a chat in the browser, a chat in "
            + "the terminal, and an OpenAI-compatible server.\n\n"
            + "Without a command it serves: open http://127.0.0.1:5311 in a browser.");
        var commands = typeof(TerminalCommand).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(TerminalCommand)) && !type.IsAbstract)
            .Select(type => (TerminalCommand)Activator.CreateInstance(type, terminal)!)
            .OrderBy(command => command.Name, StringComparer.Ordinal);
        foreach (var command in commands)
            root.Add(command);
        root.Options.OfType<HelpOption>().Single().Action = new HelpScreen(terminal);
        return root;
    }

    private static string[] WithDefault(string[] args) => args switch
    {
        [] => ["serve"],
        [var first, ..] when first.StartsWith('-') && !RootOptions.Contains(first) => ["serve", .. args],
        _ => args,
    };

    // The parser takes an option that it does not know for an argument; a misspelt one must not become a text.
    private static IEnumerable<string> StrayOptions(ParseResult parsed) =>
        parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? []
            : parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Where(token => OptionLike().IsMatch(token.Value))
                .Select(token => $"There is no option '{token.Value}'. If it is meant as text, put it after '--'.");

    private static int Complain(ParseResult parsed, string[] errors, string[] args, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        string called = command is RootCommand ? "causerie" : $"causerie {command.Name}";
        if (command is RootCommand && args is [var word, ..])
        {
            terminal.Error.WriteLine($"causerie: there is no command '{word}'.{Guess(word, command)}");
        }
        else
        {
            foreach (string message in errors)
                terminal.Error.WriteLine($"{called}: {message}");
        }

        terminal.Error.WriteLine($"Type '{called} --help' to see what it takes.");
        return ExitCode.Usage;
    }

    private static string Guess(string word, Command root)
    {
        if (File.Exists(word) || word.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            return $" To chat with that model: causerie run {word}";
        string? near = root.Subcommands.Select(command => command.Name)
            .Where(name => Distance(name, word) <= 2)
            .OrderBy(name => Distance(name, word))
            .FirstOrDefault();
        return near is null ? "" : $" Did you mean '{near}'?";
    }

    // Levenshtein's edit distance, on two rows.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    [GeneratedRegex("^(--[A-Za-z][A-Za-z0-9-]*(=.*)?|-[A-Za-z])$", RegexOptions.Singleline)]
    private static partial Regex OptionLike();
}
