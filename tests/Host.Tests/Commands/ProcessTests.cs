using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Causerie.Host.Commands;
using Causerie.Host.Tests.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Commands;

/// <summary>The built program as a shell starts it: real pipes, real signals, real exit codes.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProcessTests() => TinyModel.Write(Model);

    private string Model => _folder["tiny.gguf"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pipes_carry_UTF8_without_a_byte_order_mark_whatever_the_locale()
    {
        using var process = Start("render", Template("{{ text }} é 日本 🚀\n\n"));
        await process.StandardInput.BaseStream.WriteAsync("{\"text\":\"\u00e0\"}"u8.ToArray(), Cancel);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal("à é 日本 🚀\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(ExitCode.Ok, process.ExitCode);
    }

    [Fact]
    public async Task A_failure_speaks_on_standard_error_alone()
    {
        using var process = Start("show", _folder["missing.gguf"], "--json");
        process.StandardInput.Close();
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(Cancel));
        string error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Contains("missing.gguf", error);
        Assert.DoesNotContain("   at ", error);
        Assert.Equal(ExitCode.Failure, process.ExitCode);
    }

    [Fact]
    public async Task A_reader_that_leaves_causes_no_complaint()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Closing a pipe early is tested where shells have head.");
        string ids = string.Join(',', Enumerable.Repeat(TinyModel.Bos, 500));
        using var process = Start("logits", Model, "--ids", ids, "--json", "--all");
        process.StandardInput.Close();
        byte[] first = new byte[100];
        await process.StandardOutput.BaseStream.ReadExactlyAsync(first, Cancel);
        process.StandardOutput.Close();
        Assert.Empty(await process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(ExitCode.Ok, process.ExitCode);
    }

    [Fact]
    public async Task An_interrupt_ends_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are POSIX.");
        // With the longest context that its file can claim it would write for many seconds.
        byte[] bytes = TinyModel.Bytes();
        var key = "llama.context_length"u8;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + 4), 1 << 18);
        string endless = _folder["endless.gguf"];
        await File.WriteAllBytesAsync(endless, bytes, Cancel);
        using var process = Start("complete", endless, "Once", "--temperature", "0", "--context", "200000");
        var output = process.StandardOutput.BaseStream;
        await output.ReadExactlyAsync(new byte[4], Cancel);
        var rest = output.CopyToAsync(Stream.Null, Cancel); // A full pipe would hold it up.
        await SignalAsync(process, "INT");
        await process.WaitForExitAsync(Cancel);
        await rest;
        Assert.Equal(ExitCode.Interrupted, process.ExitCode);
    }

    [Fact]
    public async Task Without_a_command_it_serves_until_it_is_told_to_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are POSIX.");
        using var process = Start("--port", "0", "--data", _folder.Path);
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(Cancel);
        }
        while (line is not null && !line.Contains("http://", StringComparison.Ordinal));
        Assert.NotNull(line);
        using var http = new HttpClient();
        string address = line[line.IndexOf("http://", StringComparison.Ordinal)..];
        using var health = await http.GetAsync(address + "/health", Cancel);
        Assert.True(health.IsSuccessStatusCode);
        await SignalAsync(process, "TERM");
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(ExitCode.Ok, process.ExitCode);
    }

    private string Template(string source)
    {
        File.WriteAllText(_folder["t.jinja"], source);
        return _folder["t.jinja"];
    }

    private Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "causerie.dll"), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        start.Environment["CAUSERIE_HOME"] = _folder.Path;
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start)!;
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
        await kill.WaitForExitAsync(Cancel);
        Assert.Equal(0, kill.ExitCode);
    }
}
