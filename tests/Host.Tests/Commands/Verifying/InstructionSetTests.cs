using System.Diagnostics;
using System.Text;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Ledger.Receipts;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands.Verifying;

/// <summary>
/// A receipt made with one set of instructions verifies with every other that this machine can be told to use: the
/// program is started anew with the wider ones switched off.
/// </summary>
public sealed class InstructionSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static (string Name, (string Variable, string Value)[] Settings)[] Sets { get; } =
    [
        ("as the machine is", []),
        ("no emitted kernels", [("CAUSERIE_EMITTED", "0")]),
        ("256 bits", [("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX512F", "0")]),
        ("no AVX2", [("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableAVX", "0")]),
        ("no instructions beyond the oldest", [("DOTNET_EnableHWIntrinsic", "0")]),
    ];

    /// <summary>The tests' own file; products of integers, of scaled blocks and of halves; an architecture with a cap on logits.</summary>
    public static TheoryData<string> Models =>
    [
        "tiny", "weights/quants/llama-dense-Q4_K_M.gguf", "weights/quants/gpt-oss-moe-MXFP4.gguf",
        "weights/archs/gemma2-dense-f16.gguf",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task The_same_receipt_verifies_on_every_path(string model)
    {
        Directory.CreateDirectory(_folder["models"]);
        string file = _folder["models", "m.gguf"];
        if (model == "tiny")
            TinyModel.Write(file);
        else
            File.Copy(ConformanceData.Require(model), file);
        byte[] receipt;
        await using (var server = await ReceiptMaker.ServeAsync(_folder.Path))
        {
            receipt = await ReceiptMaker.AskAsync(
                server, ReceiptMaker.Request("m", "Once upon a time there was", 40, seed: 7));
        }

        File.WriteAllBytes(_folder["receipt.json"], receipt);
        var trace = ReceiptReader.Read(receipt).Trace;
        var failures = new StringBuilder();
        foreach (var (name, settings) in Sets)
        {
            var (code, output) = await VerifyAsync(settings);
            if (code != ExitCode.Ok || output != $"identical: {trace.Output.Length} tokens, digest {trace.LogitDigests[^1]}\n")
                failures.Append($"{name}: {output}");
        }

        Assert.True(failures.Length == 0, $"{model}, made with {trace.Instructions}:\n{failures}");
    }

    private async Task<(int Code, string Output)> VerifyAsync((string Variable, string Value)[] settings)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "causerie.dll"), "verify", _folder["receipt.json"], "--data", _folder.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in settings)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output + await error);
    }
}
