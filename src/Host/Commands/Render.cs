using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Inference.Gguf;
using Causerie.Text.Templates;

namespace Causerie.Host.Commands;

/// <summary><c>causerie render</c>: what a chat template makes of a conversation.</summary>
internal sealed class Render : TerminalCommand
{
    private const string Expected = "a JSON object with messages and whatever else the template reads";
    private const string ExpectedBatch = "a JSON array of objects with messages and whatever else the template reads";

    private static readonly string[] DateFormats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd"];

    private readonly ModelArgument _template;

    private readonly Option<bool> _batch = new("--batch")
    {
        Description = "Read a JSON array of inputs and print an array of results, each with its own text or error",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print {\"text\": …} or {\"error\": …}; both end with exit code 0",
    };

    /// <summary>Declares the command.</summary>
    public Render(Terminal terminal)
        : base(
            terminal,
            "render",
            "Render a chat template with a conversation.\n\n"
            + "Reads a JSON object on standard input: messages, and optionally tools, documents, "
            + "add_generation_prompt, bos_token, eos_token and any other variable that the template reads. now, as \"YYYY-MM-DD HH:MM:SS\", "
            + "fixes the date that the template sees. tools and documents are none where they are not given. A model "
            + "brings its own bos_token and eos_token.")
    {
        _template = new ModelArgument(
            this, "TEMPLATE-OR-MODEL",
            "A .jinja file, a .gguf file, or the name of a model that 'causerie list' shows");
        Add(_batch);
        Add(_json);
        _template.AddDataOption(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new(
            "echo '{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"add_generation_prompt\":true}' | "
            + "causerie render model.gguf",
            "the prompt as the model reads it"),
        new("causerie render chatml.jinja --json < input.json", "for programs"),
        new("causerie render chatml.jinja --batch --json < inputs.json", "many conversations, one start"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<int, string> ExitCodes => new Dictionary<int, string>
    {
        [ExitCode.Failure] = "the template cannot be read, or (without --json) raises an error",
    };

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        bool json = arguments.GetValue(_json);
        bool batch = arguments.GetValue(_batch);
        string path = _template.Resolve(arguments, Terminal);
        var input = await JsonInput.ReadAsync(Terminal, batch ? ExpectedBatch : Expected, cancellationToken);
        if (batch)
        {
            var inputs = JsonInput.Array(input, ExpectedBatch);
            var source = Source.Read(path);
            Terminal.WriteJson(writer =>
            {
                writer.WriteStartArray();
                foreach (var one in inputs)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Write(writer, Try(source, one));
                    writer.Flush();
                }

                writer.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (input is not JsonObject)
            throw CommandException.Usage($"Standard input should be {Expected}.");
        var result = Try(Source.Read(path), input);
        if (json)
        {
            Terminal.WriteJson(writer => Write(writer, result));
            return ExitCode.Ok;
        }

        if (result.Error is not null)
            throw new CommandException(result.Error);
        Terminal.Out.Write(result.Text);
        return ExitCode.Ok;
    }

    private Result Try(Source source, JsonNode? input)
    {
        if (input is not JsonObject variables)
            return new Result(null, $"An input should be {Expected}.");
        if (source.Problem is not null)
            return new Result(null, source.Problem);
        try
        {
            var now = Terminal.Time.GetLocalNow().DateTime;
            if (variables.TryGetPropertyValue("now", out var date) && date is not null)
            {
                if (date.GetValueKind() != JsonValueKind.String || !DateTime.TryParseExact(
                    date.GetValue<string>(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out now))
                    return new Result(null, $"now should be \"YYYY-MM-DD HH:MM:SS\", not {date.ToJsonString()}.");
            }

            variables.Remove("now");
            variables.TryAdd("tools", null);
            variables.TryAdd("documents", null);
            if (source.Bos is not null)
                variables.TryAdd("bos_token", source.Bos);
            if (source.Eos is not null)
                variables.TryAdd("eos_token", source.Eos);
            return new Result(source.Template!.Render(variables, now), null);
        }
        catch (Exception e) when (e is TemplateException or InvalidOperationException or FormatException)
        {
            return new Result(null, e.Message);
        }
    }

    private static void Write(Utf8JsonWriter writer, Result result)
    {
        writer.WriteStartObject();
        if (result.Error is not null)
            writer.WriteString("error", result.Error);
        else
            writer.WriteString("text", result.Text);
        writer.WriteEndObject();
    }

    private sealed record Result(string? Text, string? Error);

    // A template, or why there is none: a template that does not compile is an answer, not a crash.
    private sealed record Source(ChatTemplate? Template, string? Problem, string? Bos, string? Eos)
    {
        public static Source Read(string path) => IsModel(path) ? OfModel(path) : OfFile(path);

        private static bool IsModel(string path)
        {
            Span<byte> magic = stackalloc byte[4];
            using var file = File.OpenRead(path);
            return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
        }

        private static Source OfFile(string path)
        {
            try
            {
                return Compile(new UTF8Encoding(false, true).GetString(File.ReadAllBytes(path)), null, null);
            }
            catch (DecoderFallbackException)
            {
                throw new CommandException($"{path} is neither a GGUF file nor a template in UTF-8.");
            }
        }

        private static Source OfModel(string path)
        {
            using var file = GgufFile.Open(path);
            if (!file.Metadata.TryGet<string>("tokenizer.chat_template", out var template))
                throw new CommandException($"{path} has no chat template; give a .jinja file instead.");
            return Compile(template, Token("bos"), Token("eos"));

            string? Token(string name)
            {
                if (!file.Metadata.TryGet<int>($"tokenizer.ggml.{name}_token_id", out int id)
                    || !file.Metadata.TryGet<string[]>("tokenizer.ggml.tokens", out var tokens))
                    return null;
                return id >= 0 && id < tokens.Length ? tokens[id] : null;
            }
        }

        private static Source Compile(string text, string? bos, string? eos)
        {
            try
            {
                return new Source(ChatTemplate.Parse(text), null, bos, eos);
            }
            catch (TemplateException e)
            {
                return new Source(null, e.Message, bos, eos);
            }
        }
    }
}
