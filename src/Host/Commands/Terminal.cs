using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causerie.Host.Models;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Causerie.Host.Commands;

/// <summary>All that a command may touch of the process: its streams, environment, clock, keys and Ctrl-C.</summary>
/// <remarks>
/// The one place in the house that speaks to <see cref="Console"/>; tests hand commands a terminal made of memory.
/// Bytes in and out are UTF-8 without a byte order mark.
/// </remarks>
public sealed class Terminal : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly List<IDisposable> _owned = [];

    /// <summary>A terminal over three streams.</summary>
    public Terminal(Stream input, Stream output, Stream error)
    {
        Input = input;
        Output = output;
        Out = new StreamWriter(output, Utf8) { AutoFlush = true, NewLine = "\n" };
        Error = new StreamWriter(error, Utf8) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Standard input as bytes.</summary>
    public Stream Input { get; }

    /// <summary>Standard output as bytes; <see cref="Out"/> never holds any back.</summary>
    public Stream Output { get; }

    /// <summary>Standard output as text: results alone.</summary>
    public TextWriter Out { get; }

    /// <summary>Standard error as text: diagnostics and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether something other than a keyboard feeds standard input.</summary>
    public bool InputRedirected { get; init; } = true;

    /// <summary>Whether something other than a screen reads standard output.</summary>
    public bool OutputRedirected { get; init; } = true;

    /// <summary>Whether something other than a screen reads standard error.</summary>
    public bool ErrorRedirected { get; init; } = true;

    /// <summary>The value of an environment variable, or null.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>The file of the model that ships with the program; null where there is none.</summary>
    public string? BuiltIn { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Ctrl-C.</summary>
    public Interrupts Interrupts { get; } = new();

    /// <summary>The keyboard; null where standard input or output is not a terminal.</summary>
    public Keyboard? Keyboard { get; init; }

    /// <summary>Columns of the screen now.</summary>
    public Func<int> Width { get; init; } = () => 80;

    /// <summary>Whether colours and cursor movements are welcome on standard output.</summary>
    public bool Colourful => !OutputRedirected && ColourAllowed;

    /// <summary>Whether a line on standard error can be drawn over.</summary>
    public bool Animated => !ErrorRedirected && !Dumb;

    private bool ColourAllowed => string.IsNullOrEmpty(Variable("NO_COLOR")) && !Dumb;

    private bool Dumb => Variable("TERM") is "dumb";

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Utf8;
        bool interactive = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        var terminal = new Terminal(
            Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.OpenStandardError())
        {
            InputRedirected = Console.IsInputRedirected,
            OutputRedirected = Console.IsOutputRedirected,
            ErrorRedirected = Console.IsErrorRedirected,
            Variable = Environment.GetEnvironmentVariable,
            BuiltIn = BuiltInModel.Locate(),
            Width = () => Console.WindowWidth is > 0 and var width ? width : 80,
            Keyboard = interactive
                ? new Keyboard(
                    () => Console.ReadKey(intercept: true),
                    () => Console.KeyAvailable,
                    raw => Console.TreatControlCAsInput = raw)
                : null,
        };
        terminal._owned.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, terminal.Stop));
        terminal._owned.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, terminal.Stop));
        return terminal;
    }

    /// <summary>Draws on standard output; plain and without trailing spaces where it is no screen.</summary>
    public void Draw(IRenderable page)
    {
        if (!OutputRedirected)
        {
            Ansi(Out, Colourful, redirected: false).Write(page);
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        Ansi(text, ansi: false, redirected: true).Write(page);
        foreach (string line in text.ToString().TrimEnd('\n').Split('\n'))
            Out.Write(line.TrimEnd() + "\n");
    }

    /// <summary>Standard error as a place for progress bars.</summary>
    public IAnsiConsole Notes() => Ansi(Error, !ErrorRedirected && ColourAllowed, ErrorRedirected);

    /// <summary>A model's text as it may be written: on a screen, without the characters that command it.</summary>
    /// <remarks>An escape sequence in an answer could rename the window or fill the clipboard.</remarks>
    public string Harmless(string text) =>
        OutputRedirected || !text.Any(IsCommand) ? text : string.Concat(text.Where(letter => !IsCommand(letter)));

    /// <summary>Writes one JSON value and a line break to standard output.</summary>
    /// <remarks>Flushing the writer between parts of a long value keeps memory flat.</remarks>
    public void WriteJson(Action<Utf8JsonWriter> write, bool indented = false)
    {
        var options = new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Indented = indented,
            NewLine = "\n",
        };
        using (var json = new Utf8JsonWriter(Output, options))
        {
            try
            {
                write(json);
            }
            catch
            {
                // Half a value is none: what is not written yet never will be.
                json.Reset();
                throw;
            }
        }

        Output.Write("\n"u8);
        Output.Flush();
    }

    /// <summary>Reads all of standard input as UTF-8 text.</summary>
    /// <exception cref="CommandException">The bytes are not UTF-8.</exception>
    public async Task<string> ReadTextAsync(CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadBytesAsync(cancellationToken);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw CommandException.Usage($"Standard input is not UTF-8 text (near byte {e.Index}).");
        }
    }

    /// <summary>Reads all of standard input.</summary>
    public async Task<byte[]> ReadBytesAsync(CancellationToken cancellationToken)
    {
        if (!InputRedirected)
            await Error.WriteLineAsync("Reading what you type; Ctrl-D on a line of its own ends it.");
        using var buffer = new MemoryStream();
        // A read from a pipe or a keyboard cannot be cancelled; waiting for it can.
        await Input.CopyToAsync(buffer, CancellationToken.None).WaitAsync(cancellationToken);
        return buffer.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        Out.Dispose();
        Error.Dispose();
        Input.Dispose();
    }

    private static bool IsCommand(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');

    private void Stop(PosixSignalContext context) => context.Cancel = Interrupts.Raise();

    private IAnsiConsole Ansi(TextWriter writer, bool ansi, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = ansi ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ansi ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = ansi ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = redirected ? int.MaxValue / 4 : Width();
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}

/// <summary>The keys of an interactive terminal.</summary>
/// <param name="ReadKey">Waits for a key; it is not echoed.</param>
/// <param name="KeyAvailable">Whether a key waits to be read: more of a paste, after a line break.</param>
/// <param name="TakeControlC">Whether Ctrl-C arrives as a key instead of an interrupt.</param>
public sealed record Keyboard(Func<ConsoleKeyInfo> ReadKey, Func<bool> KeyAvailable, Action<bool> TakeControlC);
