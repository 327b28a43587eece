using System.CommandLine;
using Causerie.Host.Commands.Chatting;
using Causerie.Host.Commands.Loading;
using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Commands;

/// <summary><c>causerie serve</c>: the chat page and the API; what <c>causerie</c> alone does.</summary>
internal sealed class Serve : TerminalCommand
{
    private readonly Option<string[]> _models = new("--model")
    {
        Description = "A model to open at once: a .gguf file or a name that 'causerie list' shows. May be repeated",
        HelpName = "FILE",
    };

    private readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen on; '*' is every interface. Anything but this machine needs an API key",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => new ServerOptions().Host,
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "The port to listen on; 0 takes a free one",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => new ServerOptions().Port,
    };

    private readonly Option<string?> _keyFile = new("--api-key-file")
    {
        Description = $"A file that holds the keys which callers must present, one a line; else {KeyRing.Variable} holds one",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _allowHosts = new("--allow-host")
    {
        Description = "A name besides localhost that a server without a key answers to. May be repeated",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _allowOrigins = new("--allow-origin")
    {
        Description = "A web page's origin that may call the API from a browser. May be repeated",
        HelpName = "ORIGIN",
    };

    private readonly Option<string?> _draft = new("--draft")
    {
        Description = "A smaller model that guesses what those with its vocabulary write: faster, and the same text",
        HelpName = "FILE",
    };

    private readonly Option<string> _receipts = new("--receipts")
    {
        Description = "Which answers have a receipt, kept in 'receipts' in the data folder: 'asked' or 'all'",
        HelpName = "WHICH",
        DefaultValueFactory = _ => "asked",
    };

    private readonly DataOption _data = new();
    private readonly ServingLimits _limits;
    private readonly ComputeOptions _compute;

    /// <summary>Declares the command.</summary>
    public Serve(Terminal terminal)
        : base(
            terminal,
            "serve",
            "Serve the chat page and the OpenAI-compatible API; the default command.\n\n"
            + "Every model in the data folder can be chosen on the page and by its name in a request; it is loaded "
            + "when it is first asked. Ctrl-C lets running answers end, a second one does not.")
    {
        Add(_models);
        Add(_host);
        Add(_port);
        Add(_keyFile);
        Add(_allowHosts);
        Add(_allowOrigins);
        _limits = new ServingLimits(this);
        Add(_receipts);
        Add(_draft);
        _compute = new ComputeOptions(this, terminal, _data);
        _receipts.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not ("asked" or "all"))
                result.AddError($"--receipts is 'asked' or 'all', not '{token.Value}'.");
        });
        _port.Validators.Add(result =>
        {
            // A value that is no number has its own complaint already.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int port) && port is < 0 or > 65535)
                result.AddError($"A port is a number from 0 to 65535, not {port}.");
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie", "serve what is in the data folder on http://127.0.0.1:5311"),
        new("causerie --model llama.gguf --port 8080", "one model, another port"),
        new(
            "CAUSERIE_API_KEY=$(openssl rand -hex 24) causerie serve --host '*'",
            "for the whole network; callers present the key"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<int, string> ExitCodes => new Dictionary<int, string>
    {
        [ExitCode.Ok] = "stopped with Ctrl-C or SIGTERM",
        [ExitCode.Failure] = "it cannot listen or a model that was named is missing",
        [ExitCode.Interrupted] = "stopped with a second Ctrl-C",
    };

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        string folder = _data.Folder(arguments, Terminal);
        var store = new ModelStore(folder, Terminal.BuiltIn);
        var options = new ServerOptions
        {
            Host = arguments.GetRequiredValue(_host),
            Port = arguments.GetRequiredValue(_port),
            ApiKeys = KeyRing.Find(arguments.GetValue(_keyFile), Terminal.Variable),
            SharePrompts = _limits.SharePrompts(arguments),
            MaxFileBytes = _limits.MaxFileBytes(arguments),
            BatchParallel = _limits.BatchParallel(arguments),
            RequestsPerMinute = _limits.RequestsPerMinute(arguments),
            TokensPerMinute = _limits.TokensPerMinute(arguments),
            ModelFiles = [.. (arguments.GetValue(_models) ?? []).Select(store.Resolve)],
            DataFolder = folder,
            BuiltIn = Terminal.BuiltIn,
            ReceiptsOfAll = arguments.GetRequiredValue(_receipts) == "all",
            AllowedHosts = [.. arguments.GetValue(_allowHosts) ?? []],
            AllowedOrigins = [.. arguments.GetValue(_allowOrigins) ?? []],
            BeforeLogLine = Terminal.Animated ? StatusLine.Erase : "",
        };
        using var line = new StatusLine(Terminal);
        var models = new LocalModels(
            _compute.Options(arguments), _limits.Engine(arguments, _compute.Threads(arguments)), Terminal.Time,
            line.WriteLine, arguments.GetValue(_draft) is { } draft ? store.Resolve(draft) : null);
        await using var library = new ModelLibrary(models.LoadAsync, _limits.Library(arguments, models), Terminal.Time);
        using (new LibraryStatus(line, library))
            await Server.RunAsync(options, library, Terminal.Out, cancellationToken);
        line.Show(ChatTexts.English.Keeping, null);
        await models.WaitUntilKeptAsync();
        return ExitCode.Ok;
    }
}
