using System.CommandLine;
using Causerie.Host.Commands.Loading;
using Causerie.Host.Commands.Verifying;
using Causerie.Host.Models;
using Causerie.Inference;
using Causerie.Inference.KvCache;
using Causerie.Ledger.Receipts;

namespace Causerie.Host.Commands;

/// <summary><c>causerie verify</c>: gives a receipt's answer again and says whether it is the same to the bit.</summary>
internal sealed class Verify : TerminalCommand
{
    private readonly Argument<string> _receipt = new("RECEIPT")
    {
        Description = "The receipt's file; '-' reads standard input",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "The model's .gguf file, or its name; else the one in the data folder with the receipt's hash",
        HelpName = "FILE",
    };

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads to compute on; else one for each core that this process may use",
        HelpName = "N",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print {\"identical\": …, \"check\": …, \"message\": …, \"tokens\": …, \"digest\": …}",
    };

    private readonly DataOption _data = new();

    /// <summary>Declares the command.</summary>
    public Verify(Terminal terminal)
        : base(
            terminal,
            "verify",
            "Verify a receipt: give its answer again, token by token, and compare.\n\n"
            + "First the receipt's own hash is checked, then the SHA-256 of the whole model file, which takes about a "
            + "second for each gigabyte. Then the messages are made into a prompt again and the answer is computed "
            + "again. It is identical where every token and every bit of every logit is, or the first difference is shown.")
    {
        Add(_receipt);
        Add(_model);
        _threads.Validators.Add(ComputeOptions.AtLeastOne);
        Add(_threads);
        Add(_data);
        Add(_json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie verify receipt.json", "with the model in the data folder"),
        new("causerie verify receipt.json --model llama.gguf --json", "with this file; for programs"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<int, string> ExitCodes => new Dictionary<int, string>
    {
        [ExitCode.Ok] = "identical",
        [ExitCode.Failure] = "altered, another model, or a different answer; or it could not be verified",
        [ExitCode.Usage] = "the command line is malformed, or the file is no receipt",
    };

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var verdict = await VerifyAsync(arguments, cancellationToken);
        if (arguments.GetValue(_json))
            Terminal.WriteJson(verdict.Write);
        else
            Terminal.Out.WriteLine(verdict.Message);
        return verdict.Identical ? ExitCode.Ok : ExitCode.Failure;
    }

    private async Task<Verdict> VerifyAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        Receipt receipt;
        try
        {
            receipt = ReceiptReader.Read(await ReadAsync(arguments.GetRequiredValue(_receipt), cancellationToken));
        }
        catch (ReceiptException e)
        {
            return e.Altered ? new Verdict(false, "receipt", $"altered: {e.Message}") : throw CommandException.Usage(e.Message);
        }

        using var line = new StatusLine(Terminal);
        var files = new ReceiptFiles(receipt, new Part(line, "Reading the model"));
        var store = new ModelStore(_data.Folder(arguments, Terminal), Terminal.BuiltIn);
        string path;
        if (arguments.GetValue(_model) is { } named)
        {
            path = store.Resolve(named);
            if (files.Difference(path, cancellationToken) is { } difference)
                return new Verdict(false, "model", $"another model: {difference}");
        }
        else
        {
            path = files.Find(store, cancellationToken);
        }

        line.Clear();
        int? threads = arguments.GetValue(_threads);
        // Weights that an earlier start kept are known by samples of the file; here all of it has just been read.
        var options = new LoadOptions
        {
            Id = receipt.Model,
            ContextLength = receipt.Trace.ContextLength,
            KvElement = Element(receipt.Trace.KeysAndValues),
            Threads = threads,
        };
        using var model = await ModelLoading.OpenAsync(
            Terminal, Chatting.ChatTexts.English, path, options, cancellationToken);
        var verdict = await new Regeneration(model, receipt, threads, new Part(line, "Giving the answer again"))
            .RunAsync(cancellationToken);
        return verdict.Identical || receipt.Trace.Engine == LoadedModel.EngineVersion
            ? verdict
            : verdict with
            {
                Message = $"{verdict.Message}. The receipt is of Causerie {receipt.Trace.Engine}, this is "
                    + $"{LoadedModel.EngineVersion}: versions may compute differently",
            };
    }

    private async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken) =>
        file == "-" ? await Terminal.ReadBytesAsync(cancellationToken) : await File.ReadAllBytesAsync(file, cancellationToken);

    private static KvElement Element(string name) => name switch
    {
        "f32" => KvElement.F32,
        "q8_0" => KvElement.Q8_0,
        _ => KvElement.F16,
    };

    private sealed class Part(StatusLine line, string text) : IProgress<double>
    {
        public void Report(double value) => line.Show(text, value);
    }
}
