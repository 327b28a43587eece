using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text;

namespace Causerie.Host.Commands;

/// <summary>What <c>--help</c> prints: what a command does, takes, and returns, with examples to copy.</summary>
public sealed class HelpScreen(Terminal terminal) : SynchronousCommandLineAction
{
    private const int Widest = 100;

    private static readonly SortedDictionary<int, string> CommonCodes = new()
    {
        [ExitCode.Ok] = "done",
        [ExitCode.Failure] = "it could not be done; the reason is on standard error",
        [ExitCode.Usage] = "the command line or the input is malformed",
        [ExitCode.Interrupted] = "interrupted with Ctrl-C",
    };

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int width = terminal.OutputRedirected ? Widest : Math.Clamp(terminal.Width() - 1, 40, Widest);
        terminal.Out.Write(Text(parseResult.CommandResult.Command, width));
        return ExitCode.Ok;
    }

    /// <summary>The screen for <paramref name="command"/>, wrapped at <paramref name="width"/> columns.</summary>
    public static string Text(Command command, int width = Widest)
    {
        var text = new StringBuilder();
        foreach (string paragraph in (command.Description ?? "").Split('\n'))
            Wrap(text, paragraph, 0, width);
        text.Append("\nUsage:\n");
        Wrap(text, Usage(command), 2, width);
        Columns(text, "Commands", [.. command.Subcommands.Select(c => (c.Name, Summary(c)))], width);
        Columns(text, "Arguments", [.. command.Arguments.Select(a => (a.Name, a.Description ?? ""))], width);
        Columns(text, "Options", [.. Options(command).Select(o => (Label(o), Describe(o)))], width);
        if (command is TerminalCommand { Examples: var examples })
        {
            text.Append("\nExamples:\n");
            foreach (var example in examples)
            {
                text.Append("  ").Append(example.Line).Append('\n');
                Wrap(text, example.Meaning, 6, width);
            }
        }

        Columns(text, "Exit codes", ExitCodes(command), width);
        if (command is RootCommand)
            text.Append("\n'causerie COMMAND --help' explains a command, with examples.\n");
        return text.ToString();
    }

    private static (string, string)[] ExitCodes(Command command)
    {
        var codes = new SortedDictionary<int, string>(CommonCodes);
        if (command is TerminalCommand { ExitCodes: var own })
        {
            foreach ((int code, string meaning) in own)
                codes[code] = meaning;
        }

        return [.. codes.Select(pair => (pair.Key.ToString(CultureInfo.InvariantCulture), pair.Value))];
    }

    private static string Usage(Command command)
    {
        if (command is RootCommand)
            return "causerie [COMMAND] [options]";
        var arguments = command.Arguments.Select(argument => argument.Arity switch
        {
            { MinimumNumberOfValues: 0, MaximumNumberOfValues: > 1 } => $"[{argument.Name}...]",
            { MinimumNumberOfValues: 0 } => $"[{argument.Name}]",
            { MaximumNumberOfValues: > 1 } => $"{argument.Name}...",
            _ => argument.Name,
        });
        return string.Join(' ', ["causerie", command.Name, .. arguments, "[options]"]);
    }

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(c => c.Options.Where(o => o.Recursive)))
            .Where(option => !option.Hidden)
            .DistinctBy(option => option.Name)
            .OrderBy(option => option is HelpOption or VersionOption);

    private static string Summary(Command command) => (command.Description ?? "").Split('\n')[0];

    private static string Label(Option option)
    {
        var names = option.Aliases.Where(alias => alias.StartsWith('-') && alias is not "-?").Append(option.Name)
            .OrderBy(name => name.Length);
        string value = option.ValueType == typeof(bool) || option is HelpOption or VersionOption
            ? "" : $" {option.HelpName ?? "VALUE"}";
        return string.Join(", ", names) + value;
    }

    private static string Describe(Option option)
    {
        string description = option is HelpOption ? "Show this help"
            : option is VersionOption ? "Show the version" : option.Description ?? "";
        bool shown = option.HasDefaultValue && option.ValueType != typeof(bool)
            && option.GetDefaultValue() is not (null or "" or System.Collections.ICollection { Count: 0 });
        return shown
            ? string.Create(CultureInfo.InvariantCulture, $"{description} [default: {option.GetDefaultValue()}]")
            : description;
    }

    private static void Columns(StringBuilder text, string title, (string Left, string Right)[] rows, int width)
    {
        if (rows.Length == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n{title}:\n");
        int left = Math.Min(rows.Max(row => row.Left.Length), 28);
        foreach (var (name, meaning) in rows)
        {
            text.Append("  ").Append(name.PadRight(left));
            if (name.Length > left)
                text.Append('\n').Append(' ', left + 2);
            Wrap(text, meaning, left + 4, width, continued: left + 2);
        }
    }

    // Words of one paragraph between the indent and the width; `continued` columns of the first line are taken.
    private static void Wrap(StringBuilder text, string paragraph, int indent, int width, int continued = 0)
    {
        var line = new StringBuilder();
        int room = Math.Max(width - indent, 20);
        int taken = continued;
        foreach (string word in paragraph.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
                Flush();
            if (line.Length > 0)
                line.Append(' ');
            line.Append(word);
        }

        Flush();

        void Flush()
        {
            if (line.Length > 0)
                text.Append(' ', indent - taken).Append(line);
            text.Append('\n');
            line.Clear();
            taken = 0;
        }
    }
}
