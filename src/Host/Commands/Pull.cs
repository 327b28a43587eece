using System.CommandLine;
using System.Globalization;
using Causerie.Host.Models;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Causerie.Host.Commands;

/// <summary><c>causerie pull</c>: fetches a model from a hub into the data folder.</summary>
internal sealed class Pull : TerminalCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = "owner/repository, and after a colon the quantisation or the file: "
            + "bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M. Without a colon the usual one is taken (Q4_K_M if there)",
    };

    private readonly Option<string?> _baseUrl = new("--base-url")
    {
        Description = "Address of the hub; else CAUSERIE_HUB, else HF_ENDPOINT, else https://huggingface.co",
        HelpName = "URL",
    };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Check the SHA-256 of files that are already here, too",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print what was fetched as JSON" };
    private readonly DataOption _data = new();

    /// <summary>Declares the command.</summary>
    public Pull(Terminal terminal)
        : base(
            terminal,
            "pull",
            "Fetch a model from Hugging Face or another hub of that layout.\n\n"
            + "A download that was cut goes on where it stopped; every file is checked against the hub's SHA-256 "
            + "before it gets its name. All parts of a split model are fetched. For models that ask for an account, "
            + "put its token in HF_TOKEN: it is sent to the hub and to no other host.")
    {
        Add(_name);
        Add(_baseUrl);
        Add(_verify);
        Add(_data);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie pull bartowski/Llama-3.2-1B-Instruct-GGUF", "the usual quantisation of a small model"),
        new("causerie pull Qwen/Qwen3-0.6B-GGUF:Q8_0", "this quantisation"),
        new("causerie pull --base-url http://mirror.lan:8080 owner/model", "from a mirror"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        HubName name;
        HubOptions options;
        try
        {
            name = HubName.Parse(arguments.GetRequiredValue(_name));
            options = HubOptions.Read(arguments.GetValue(_baseUrl), Terminal.Variable);
        }
        catch (FormatException e)
        {
            throw CommandException.Usage(e.Message);
        }

        string folder = DataFolder.Models(_data.Folder(arguments, Terminal));
        using var hub = new HubClient(options, Terminal.Time);
        var pull = new ModelPull(hub, options, Terminal.Time, folder);
        var (all, model) = await pull.FindAsync(name, cancellationToken);
        if (name.Choice is null && all.Length > 1)
        {
            Terminal.Error.WriteLine(
                $"Taking {model.Tag} ({ByteSize.Text(model.Size)}). Also there: "
                + string.Join(", ", all.Where(other => other != model).Select(other => other.Tag).Distinct()));
        }

        var files = await FetchAsync(pull, name, model, arguments.GetValue(_verify), cancellationToken);
        if (arguments.GetValue(_json))
            WriteJson(name, model, files);
        else
            Terminal.Out.WriteLine($"{files[0]}\nTo chat with it: causerie run {Path.GetFileName(model.Name)}");
        return ExitCode.Ok;
    }

    private async Task<IReadOnlyList<string>> FetchAsync(
        ModelPull pull, HubName name, HubSelection model, bool verify, CancellationToken cancellationToken)
    {
        if (Terminal.ErrorRedirected)
            return await pull.FetchAsync(name, model, verify, new Lines(Terminal, model), cancellationToken);
        var console = Terminal.Notes();
        return await console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 24 },
                new PercentageColumn(),
                new TransferColumn())
            .StartAsync(async context =>
                (IReadOnlyList<string>)await pull.FetchAsync(
                    name, model, verify, new Bars(context, console, model), cancellationToken));
    }

    private void WriteJson(HubName name, HubSelection model, IReadOnlyList<string> files) =>
        Terminal.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("repository", name.Id);
            json.WriteString("name", Path.GetFileName(model.Name));
            json.WriteString("quantization", model.Quantization);
            json.WriteNumber("size", model.Size);
            json.WriteStartArray("files");
            foreach (var (file, path) in model.Files.Zip(files))
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteNumber("size", file.Size);
                json.WriteString("sha256", file.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    // Bytes, speed and the time that is left, in the units of the other screens.
    private sealed class TransferColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            string text = $"{ByteSize.Text(task.Value)} of {ByteSize.Text(task.MaxValue)}";
            if (!task.IsFinished && task.Speed is > 0 and var speed)
                text += $"  {ByteSize.Text(speed)}/s  {Left((task.MaxValue - task.Value) / speed)} left";
            return new Spectre.Console.Text(text);
        }

        private static string Left(double seconds) => seconds switch
        {
            < 100 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
            < 6000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
        };
    }

    // A bar for each file, on a screen.
    private sealed class Bars(ProgressContext context, IAnsiConsole console, HubSelection model)
        : IProgress<DownloadProgress>
    {
        private readonly Dictionary<HubFile, ProgressTask> _tasks = model.Files.ToDictionary(
            file => file,
            file => context.AddTask(
                Markup.Escape(Path.GetFileName(file.Path)),
                new ProgressTaskSettings { MaxValue = Math.Max(1, file.Size) }));

        public void Report(DownloadProgress value)
        {
            if (value.Note is not null)
                console.MarkupLineInterpolated($"[yellow]{value.Note}[/]");
            _tasks[value.File].Value = value.Done;
        }
    }

    // A line for every tenth of the whole, in a log.
    private sealed class Lines(Terminal terminal, HubSelection model) : IProgress<DownloadProgress>
    {
        private readonly Dictionary<HubFile, long> _done = [];
        private long _tenths;

        public void Report(DownloadProgress value)
        {
            if (value.Note is not null)
                terminal.Error.WriteLine(value.Note);
            _done[value.File] = value.Done;
            long done = _done.Values.Sum();
            long tenths = model.Size == 0 ? 10 : (long)(done * 10.0 / model.Size);
            if (tenths == _tenths)
                return;
            _tenths = tenths;
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{tenths * 10,3} %  {ByteSize.Text(done)} of {ByteSize.Text(model.Size)}"));
        }
    }
}
